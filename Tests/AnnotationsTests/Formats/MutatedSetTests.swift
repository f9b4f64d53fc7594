import Annotations
import Foundation
import Images
import Masks
import Runtime
import TestSupport
import Testing

/// Sets whose files were changed at random, or cut off: they are read, or refused with a reason; nothing else may happen.
@Suite struct MutatedSetTests {
    static let formats: [LabelFormat] = [
        .panoptic, .yolo, .voc, .masks, .labelme, .segmentAnything, .cvat, .datumaro, .labelStudio, .via,
    ]

    /// The files of a written set that hold labels, by path.
    static func labelFiles(_ root: String) throws -> [String] {
        try FolderWalk(root: root).files.filter { path in
            ["json", "xml", "txt", "yaml", "tar"].contains(FolderWalk.ending(path)) || path.contains("Segmentation")
                || path.hasPrefix("panoptic/") || path.contains("masks/")
        }
    }

    static func mutated(_ bytes: [UInt8], _ random: inout CounterRandom) -> [UInt8] {
        var bytes = bytes
        guard !bytes.isEmpty else { return [UInt8(random.index(below: 256))] }
        let alphabet = Array("{}[]\",:<>/&;0123456789.-eE nulltrueNaN\\x00 ".utf8) + [0, 255, 10]
        switch random.index(below: 5) {
        case 0: bytes.removeLast(1 + random.index(below: bytes.count))
        case 1:
            for _ in 0..<3 { bytes[random.index(below: bytes.count)] = alphabet[random.index(below: alphabet.count)] }
        case 2:
            for _ in 0..<3 { bytes[random.index(below: bytes.count)] = UInt8(random.index(below: 256)) }
        case 3:
            let start = random.index(below: bytes.count)
            bytes.removeSubrange(start..<min(bytes.count, start + 1 + random.index(below: 30)))
        default:
            // A number becomes a huge one.
            let digits = bytes.indices.filter { (48...57).contains(bytes[$0]) }
            if let at = digits.isEmpty ? nil : digits[random.index(below: digits.count)] {
                bytes.insert(contentsOf: "99999999999".utf8, at: at)
            }
        }
        return bytes
    }

    /// Opens and reads everything, at the sizes of the sample.
    static func readAll(_ format: LabelFormat, _ root: String) throws {
        let source = try RoundTripTests.opened(format, root)
        for index in source.images.indices {
            let size = source.images[index].fileName.contains("b c") ? (4, 5) : (8, 12)
            let annotations = try source.annotations(ofImage: index, height: size.0, width: size.1) { _ in }
            for annotation in annotations {
                // What a source hands over may be defective, as any COCO file; a mask of it is made or refused.
                if let mask = try? annotation.segmentation?.rle(height: size.0, width: size.1) {
                    #expect(mask.height == size.0 && mask.width == size.1)
                }
            }
            _ = try? source.encodedImage(at: index)
        }
    }

    @Test(arguments: formats)
    func mutationsAreReadOrRefused(format: LabelFormat) throws {
        let directory = try TemporaryDirectory()
        var options = LabelWriteOptions()
        options.masks.kind = .idMap
        let writer = try #require(
            try format.labelWriter(to: directory.path, categories: SetSamples.categories, options: options))
        _ = try SetSamples.write(try SetSamples.images(), with: writer)
        let files = try Self.labelFiles(directory.path)
        #expect(!files.isEmpty)
        let originals = try files.map { try FileSystem.read(directory.file($0)) }
        try Self.readAll(format, directory.path)
        for round in 0..<120 {
            var random = CounterRandom(seed: UInt64(round), purpose: RandomPurpose("mutation"))
            let at = random.index(below: files.count)
            try Data(Self.mutated(originals[at], &random)).write(to: URL(fileURLWithPath: directory.file(files[at])))
            do {
                try Self.readAll(format, directory.path)
            } catch let error as any OperationError {
                #expect(error.kind == .badInput || error.kind == .inputMissing, "\(format) round \(round): \(error)")
            }
            try Data(originals[at]).write(to: URL(fileURLWithPath: directory.file(files[at])))
        }
    }

    /// Hostile XML: entities that grow, and entities that lead to other files.
    @Test(arguments: [
        "<!DOCTYPE a [<!ENTITY b \"xx\"><!ENTITY c \"&b;&b;&b;\">]><annotations>&c;</annotations>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><annotations>&x;</annotations>",
        "<?xml version=\"1.0\" encoding=\"UTF-7\"?><annotations/>", "\u{FEFF}<annotations>", "", "<", "<annotations",
        "<image/>",
        "<annotations><image name=\"a\"></annotations>", "<annotations><!-- <image/> </annotations>",
    ])
    func hostileXMLIsRefused(text: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("annotations.xml")
        try AtomicFileWriter.write(text, to: path)
        do {
            let source = try CVATSource(path: path)
            Issue.record("\(text) was read as \(source.images)")
        } catch let error as any OperationError {
            #expect(error.kind == .badInput)
        }
    }

    @Test func deepXMLIsRefused() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("annotations.xml")
        let depth = 100_000
        let inside = String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        try AtomicFileWriter.write("<annotations><image name=\"x.png\">\(inside)</image></annotations>", to: path)
        let source = try CVATSource(path: path)
        #expect(source.findings.map(\.finding.rule) == [LabelRule.unreadable])
        #expect(source.images.isEmpty)
    }

    /// YAML whose aliases would grow without end when they are followed.
    @Test func growingYAMLIsHarmless() throws {
        let directory = try TemporaryDirectory()
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            text +=
                "a\(level): &a\(level) [" + [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
                + "]\n"
        }
        try AtomicFileWriter.write(text + "names: *a30\n", to: directory.file("data.yaml"))
        try FileSystem.createDirectory(directory.file("images"))
        try AtomicFileWriter.write(try SetSamples.png(height: 2, width: 2), to: directory.file("images/a.png"))
        do {
            let source = try YOLOSource(path: directory.path)
            #expect(source.categories.count <= 9)
        } catch let error as any OperationError {
            #expect(error.kind == .badInput)
        }
    }

    @Test func tarFilesOfManyKinds() throws {
        let directory = try TemporaryDirectory()
        let writer = try #require(
            try LabelFormat.segmentAnything.labelWriter(to: directory.path, categories: SetSamples.categories))
        _ = try SetSamples.write(try SetSamples.images(), with: writer)
        let bytes = try FileSystem.read(directory.file("sa_000000.tar"))
        // Cut behind the second pair: what is whole is read, the rest is told.
        let cut = directory.file("cut.tar")
        let whole = try TarArchive(path: directory.file("sa_000000.tar"))
        let end = whole.members[4].range.lowerBound
        try AtomicFileWriter.write(Array(bytes[..<end]), to: cut)
        let source = try SegmentAnythingSource(path: cut)
        #expect(source.images.count == 2)
        #expect(source.findings.map(\.finding.rule) == [LabelRule.unreadable])
        try AtomicFileWriter.write(
            Array("no tar file at all, but long enough".utf8) + [UInt8](repeating: 7, count: 600), to: cut)
        #expect(throws: AnnotationError.self) { try SegmentAnythingSource(path: cut) }
    }
}
