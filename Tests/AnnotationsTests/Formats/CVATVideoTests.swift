import Annotations
import Foundation
import Images
import Masks
import Runtime
import TestSupport
import Testing

/// CVAT files for videos: tracks with keyframes, and what lies between them.
@Suite struct CVATVideoTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func source(
        _ tracks: String, images: [String] = (0..<12).map { String(format: "frame_%06d.png", $0) }, meta: String = ""
    ) throws -> CVATSource {
        for name in images { try write("images/" + name) }
        try AtomicFileWriter.write(
            "<annotations><version>1.1</version><meta>\(meta)</meta>\n\(tracks)\n</annotations>",
            to: directory.file("annotations.xml"))
        return try CVATSource(path: directory.path)
    }

    private func write(_ name: String) throws {
        let path = directory.file(name)
        try FileSystem.createDirectory((path as NSString).deletingLastPathComponent)
        try AtomicFileWriter.write(SetSamples.png(height: 30, width: 40), to: path)
    }

    private func objects(_ source: CVATSource, frame: Int) throws -> (list: [COCOAnnotation], rules: [String]) {
        var rules: [String] = []
        let list = try source.annotations(ofImage: frame, height: 30, width: 40) { rules.append($0.finding.rule) }
        return (list, rules)
    }

    private func ring(_ source: CVATSource, frame: Int) throws -> [Double]? {
        guard case .polygons(let rings)? = try objects(source, frame: frame).list.first?.segmentation else {
            return nil
        }
        return rings.first
    }

    private func track(_ shapes: String..., label: String = "a") -> String {
        "<track id=\"0\" label=\"\(label)\" source=\"manual\">\n\(shapes.joined(separator: "\n"))\n</track>"
    }

    private func box(_ frame: Int, _ x: Double, _ y: Double, _ more: String = "", outside: Int = 0) -> String {
        "<box frame=\"\(frame)\" keyframe=\"1\" outside=\"\(outside)\" occluded=\"0\" xtl=\"\(x)\" ytl=\"\(y)\" xbr=\"\(x + 10)\" ybr=\"\(y + 4)\" z_order=\"0\" \(more)></box>"
    }

    private func polygon(_ frame: Int, _ points: String) -> String {
        "<polygon frame=\"\(frame)\" keyframe=\"1\" outside=\"0\" points=\"\(points)\"/>"
    }

    /// Even movement from keyframe to keyframe, nothing while outside, and the last shape to the end.
    @Test func boxesMove() throws {
        let source = try source(track(box(2, 0, 0), box(6, 8, 4), box(7, 8, 4, outside: 1), box(9, 1, 1)))
        #expect(source.findings == [] && source.images.count == 12 && source.categories.map(\.name) == ["a"])
        let boxes = try (0..<12).map { try objects(source, frame: $0).list.first?.bbox }
        #expect(boxes[0] == nil && boxes[1] == nil && boxes[7] == nil && boxes[8] == nil)
        for (frame, x, y) in [(2, 0.0, 0.0), (3, 2, 1), (4, 4, 2), (5, 6, 3), (6, 8, 4), (9, 1, 1), (11, 1, 1)] {
            #expect(
                boxes[frame] == Box(x: x, y: y, width: 10, height: 4), "\(frame): \(String(describing: boxes[frame]))")
        }
        // On its way to a frame in which it is outside, a shape still moves.
        let leaving = try self.source(track(box(0, 0, 0), box(4, 8, 0, outside: 1)))
        #expect(try objects(leaving, frame: 2).list.first?.bbox?.x == 4)
        #expect(try objects(leaving, frame: 4).list.isEmpty)
    }

    /// Turned the shorter way round.
    @Test func boxesTurn() throws {
        let source = try source(track(box(0, 10, 10, "rotation=\"350\""), box(2, 10, 10, "rotation=\"10\"")))
        #expect(try objects(source, frame: 1).list.first?.segmentation == nil)
        #expect(try objects(source, frame: 1).list.first?.bbox == Box(x: 10, y: 10, width: 10, height: 4))
        let back = try self.source(track(box(0, 10, 10, "rotation=\"30\""), box(2, 10, 10, "rotation=\"330\"")))
        #expect(try objects(back, frame: 1).list.first?.bbox == Box(x: 10, y: 10, width: 10, height: 4))
        let quarter = try self.source(track(box(0, 10, 10, "rotation=\"0\""), box(2, 10, 10, "rotation=\"180\"")))
        let turned = try #require(try ring(quarter, frame: 1))
        let upright = try RLE(height: 30, width: 40, polygons: [turned]).boundingBox
        #expect(upright == Box(x: 13, y: 7, width: 4, height: 10))
    }

    @Test func polygonsOfAsManyCornersMoveCornerByCorner() throws {
        let source = try source(track(polygon(0, "0,0;10,0;10,10;0,10"), polygon(4, "8,4;28,4;28,24;8,24")))
        #expect(try ring(source, frame: 0) == [0, 0, 10, 0, 10, 10, 0, 10])
        #expect(try ring(source, frame: 1) == [2, 1, 14.5, 1, 14.5, 13.5, 2, 13.5])
        #expect(try ring(source, frame: 11) == [8, 4, 28, 4, 28, 24, 8, 24])
    }

    /// A corner more at the half of the first side: it comes out of the first corner, as its share of the length is as near to
    /// that as to the second's; while it is close, both are one.
    @Test func cornersAreMatchedByTheirShareOfTheLength() throws {
        let source = try source(track(polygon(0, "0,0;10,0;10,10;0,10"), polygon(10, "0,0;5,0;10,0;10,10;0,10")))
        #expect(try ring(source, frame: 5) == [0, 0, 2.5, 0, 10, 0, 10, 10, 0, 10])
        let early = try #require(try ring(source, frame: 1))
        #expect(early.count == 8 && abs(early[0] - 0.25) < 1e-12 && early[1...] == [0, 10, 0, 10, 10, 0, 10])
        // The other way two corners run into one.
        let back = try self.source(track(polygon(0, "0,0;5,0;10,0;10,10;0,10"), polygon(10, "0,0;10,0;10,10;0,10")))
        let ring = try #require(try ring(back, frame: 5))
        #expect(ring.suffix(6) == [10, 0, 10, 10, 0, 10] && ring.count == 10, "\(ring)")
    }

    /// A mask stays until the next one; a shape whose successor is of another kind stays, too.
    @Test func masksAndOtherKindsStay() throws {
        func mask(_ frame: Int, _ left: Int) -> String {
            "<mask frame=\"\(frame)\" outside=\"0\" keyframe=\"1\" rle=\"0, 4\" left=\"\(left)\" top=\"1\" width=\"2\" height=\"2\"/>"
        }
        let source = try source(track(mask(0, 3), mask(4, 9)) + track(box(0, 0, 0), polygon(4, "0,0;9,0;9,9")))
        for frame in 0..<4 {
            let list = try objects(source, frame: frame).list
            #expect(list.map(\.bbox) == [Box(x: 3, y: 1, width: 2, height: 2), Box(x: 0, y: 0, width: 10, height: 4)])
        }
        #expect(try objects(source, frame: 7).list.first?.bbox == Box(x: 9, y: 1, width: 2, height: 2))
        #expect(try objects(source, frame: 7).list.last?.segmentation == .polygons([[0, 0, 9, 0, 9, 9]]))
    }

    /// Images that are not called after frames are these in the order of their names.
    @Test func framesAreImages() throws {
        let numbered = try source(
            track(box(10, 0, 0)), images: ["frame_000013.png", "frame_000010.png", "frame_000016.png"],
            meta: "<task><size>4</size><original_size><width>40</width><height>30</height></original_size></task>")
        #expect(numbered.images.map(\.fileName) == ["frame_000010.png", "frame_000013.png", "frame_000016.png"])
        #expect(numbered.images.map(\.width) == [40, 40, 40] && numbered.statesImageSizes)
        #expect(try (0..<3).map { try objects(numbered, frame: $0).list.count } == [1, 1, 1])
        #expect(numbered.findings.map(\.finding.rule) == [LabelRule.repairedValue])
        try FileManager.default.removeItem(atPath: directory.file("images"))
        let named = try source(track(box(1, 0, 0), box(2, 0, 0, outside: 1)), images: ["b.png", "a.png", "c.png"])
        #expect(named.images.map(\.fileName) == ["a.png", "b.png", "c.png"])
        #expect(try (0..<3).map { try objects(named, frame: $0).list.count } == [0, 1, 0])
        try FileManager.default.removeItem(atPath: directory.file("images"))
        let without = try source(track(box(7, 0, 0), box(9_999_999, 0, 0)), images: [])
        #expect(without.images.map(\.fileName) == ["frame_000007.png", "frame_9999999.png"])
    }

    @Test func whatCannotBeReadIsSaid() throws {
        let source = try source(
            track(
                "<points frame=\"0\" points=\"1,1\"/>", "<polyline frame=\"1\" points=\"1,1;2,2\"/>",
                "<skeleton frame=\"0\"><points frame=\"0\" points=\"1,1\"/></skeleton>", box(0, 1, 1), box(0, 2, 2),
                "<box xtl=\"1\"/>", "<!-- <box frame=\"5\"/> -->",
                "<polygon frame=\"3\" points=\"1,1\"/>")
                + track(box(0, 1, 1), label: "unknown"),
            meta: "<task><labels><label><name>a</name></label></labels></task>")
        let drops = source.findings.filter { $0.dropped == .annotations }.map(\.finding)
        #expect(
            drops.map(\.rule) == [
                LabelRule.shapeKind, LabelRule.shapeKind, LabelRule.shapeKind, LabelRule.badValue,
            ])
        #expect(drops.allSatisfy { $0.location.annotationID == "track at line 2" }, "\(drops)")
        let (list, rules) = try objects(source, frame: 0)
        #expect(list.map(\.bbox) == [Box(x: 1, y: 1, width: 10, height: 4)] && rules == [LabelRule.unknownCategory])
        #expect(try objects(source, frame: 3).rules == [LabelRule.badValue, LabelRule.unknownCategory])
        #expect(throws: AnnotationError.self) { try self.source("<track id=\"0\" label=\"a\"><box frame=\"0\">") }
    }

    /// Changed and cut files are read or refused, frame by frame.
    @Test func mutationsAreReadOrRefused() throws {
        _ = try source(
            track(box(0, 1, 1), box(4, 9, 9, "rotation=\"20\""))
                + track(polygon(0, "0,0;5,0;5,5"), polygon(3, "1,1;9,1;9,9;1,9")),
            meta: "<task><size>12</size><labels><label><name>a</name></label></labels></task>")
        let path = directory.file("annotations.xml")
        let original = try FileSystem.read(path)
        for round in 0..<300 {
            var random = CounterRandom(seed: UInt64(round), purpose: RandomPurpose("cvat video"))
            try Data(MutatedSetTests.mutated(original, &random)).write(to: URL(fileURLWithPath: path))
            do {
                let source = try CVATSource(path: path)
                #expect(source.images.count <= 12)
                for frame in source.images.indices {
                    _ = try source.annotations(ofImage: frame, height: 30, width: 40) { _ in }
                }
            } catch let error as any OperationError {
                #expect(error.kind == .badInput, "round \(round): \(error)")
            }
        }
    }

    /// Many corners take no time that grows with their square.
    @Test func longPolygonsAreMatchedAtOnce() throws {
        func ring(_ count: Int, _ radius: Double) -> String {
            (0..<count).map { corner in
                let angle = 2 * Double.pi * Double(corner) / Double(count)
                return "\(20 + radius * cos(angle)),\(15 + radius * sin(angle))"
            }.joined(separator: ";")
        }
        let source = try source(
            track(polygon(0, ring(60_000, 5)), polygon(2, ring(50_000, 9))), images: ["a.png", "b.png"])
        let area = try objects(source, frame: 1).list.first?.segmentation?.rle(height: 30, width: 40).area ?? 0
        #expect(abs(Double(area) - Double.pi * 49) < 12, "\(area)")
    }

    /// What CVAT itself wrote, with frames from the middle of a video.
    @Test(.enabled(if: Repository.sharedData("datumaro-assets") != nil, "needs ../shared/data"))
    func aFileOfCVAT() throws {
        let path = try #require(Repository.sharedData("datumaro-assets/cvat_dataset/for_video"))
        let source = try CVATSource(path: path)
        #expect(source.categories.map(\.name) == ["klhg", "z U k", "II"] && source.images.count == 3)
        #expect(source.images.map(\.fileName) == ["frame_000010.png", "frame_000013.png", "frame_000016.png"])
        let boxes = try (0..<3).map { index in
            try source.annotations(ofImage: index, height: 20, width: 25) { _ in }.map(\.bbox)
        }
        #expect(boxes == [[Box(x: 3, y: 4, width: 7, height: 1)], [], []])
        #expect(try LabelFormat.detect(path) == .cvat)
    }
}
