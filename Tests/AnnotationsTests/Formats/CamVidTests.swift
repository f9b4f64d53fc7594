import Annotations
import Foundation
import Images
import Masks
import Runtime
import TestSupport
import Testing

/// Folders of images beside folders of colour maps, as CamVid has them.
@Suite struct CamVidTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ path: String, _ bytes: [UInt8]) throws {
        let full = directory.file(path)
        try FileSystem.createDirectory((full as NSString).deletingLastPathComponent)
        try AtomicFileWriter.write(bytes, to: full)
    }

    /// Left half of one colour, right half of another.
    private func map(_ left: RGBColour, _ right: RGBColour) throws -> [UInt8] {
        var image = RGBImage(height: 6, width: 8, filling: left)
        for row in 0..<6 { for column in 4..<8 { image[row, column] = right } }
        return try ImageCodec.encodePNG(image)
    }

    private func classes(_ source: any LabelSource, at index: Int) throws -> [String] {
        try source.annotations(ofImage: index, height: 6, width: 8) { _ in }.map { annotation in
            source.categories.first { $0.id == annotation.categoryID }?.name ?? "?"
        }
    }

    @Test(
        arguments: [
            ("train", "trainannot", ""), ("train", "train_labels", "_L"), ("images", "labels", ""),
            ("701_StillsRaw_full", "LabeledApproved_full", "_L"),
        ])
    func pairsOfFolders(images: String, maps: String, ending: String) throws {
        let photo = try SetSamples.png(height: 6, width: 8)
        for name in ["a", "b", "c"] { try write("\(images)/\(name).png", photo) }
        try write("\(maps)/a\(ending).png", map(RGBColour(10, 20, 30), RGBColour(0, 0, 0)))
        try write("\(maps)/b\(ending).png", map(RGBColour(64, 128, 64), RGBColour(10, 20, 30)))
        try write("\(maps)/stray\(ending).png", map(.white, .white))
        try write("label_colors.txt", Array("64 128 64\tAnimal\n10 20 30\tBig thing\n0 0 0\tVoid\n".utf8))
        #expect(try LabelFormat.detect(directory.path) == .masks)
        let source = try MaskFolderSource(path: directory.path)
        #expect(source.categories.map(\.name) == ["Animal", "Big thing"])
        #expect(source.images.map(\.fileName) == ["a", "b", "c"].map { "\(images)/\($0).png" })
        #expect(try classes(source, at: 0) == ["Big thing"])
        // In the order of the colours' numbers, red first.
        #expect(try Set(classes(source, at: 1)) == ["Animal", "Big thing"])
        #expect(try classes(source, at: 2) == [])
        #expect(source.findings.contains { $0.finding.location.path?.contains("stray") == true && $0.dropped != nil })
    }

    /// Without a table the colours are CamVid's own; numbers in gray are not.
    @Test func theColoursAreKnown() throws {
        try write("train/a.png", SetSamples.png(height: 6, width: 8))
        try write("trainannot/a.png", map(RGBColour(128, 64, 128), RGBColour(0, 128, 192)))
        let source = try MaskFolderSource(path: directory.path)
        #expect(source.categories.count == 31)
        #expect(try Set(classes(source, at: 0)) == ["Road", "Bicyclist"])
        try write(
            "trainannot/a.png", ImageCodec.encodePNG(gray: (0..<48).map { UInt8($0 % 2 * 3) }, width: 8, height: 6))
        #expect(try MaskFolderSource(path: directory.path).categories.map(\.name) == ["object"])
    }

    @Test(.enabled(if: Repository.sharedData("datumaro-assets") != nil, "needs ../shared/data"))
    func aSetOfDatumaro() throws {
        let path = try #require(Repository.sharedData("datumaro-assets/camvid_dataset"))
        #expect(try LabelFormat.detect(path) == .masks)
        let source = try MaskFolderSource(path: path)
        #expect(source.images.count == 4 && source.categories.count == 31)
        func classes(_ name: String) throws -> Set<String> {
            let index = try #require(source.images.firstIndex { $0.fileName == name })
            return Set(
                try source.annotations(ofImage: index, height: 1, width: 5) { _ in }.compactMap { annotation in
                    source.categories.first { $0.id == annotation.categoryID }?.name
                })
        }
        #expect(try classes("train/0001TP_006690.png") == ["Bicyclist", "Road"])
        #expect(try classes("test/0001TP_008580.png") == ["Bridge", "Tree", "Archway"])
        #expect(try classes("val/0016E5_07959.png") == ["Animal", "Child"])
    }
}
