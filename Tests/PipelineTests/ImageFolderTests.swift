import Annotations
import Foundation
import Pipeline
import Runtime
import TestSupport
import Testing

/// Where images are when nobody says.
@Suite struct ImageFolderTests {
    private struct Source: LabelSource {
        var categories: [COCOCategory] { [] }
        var images: [COCOImage]
        var findings: [LabelFinding] { [] }
        var imagesDirectory: String?
        var held: [UInt8]?

        func annotations(
            ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
        ) throws -> [COCOAnnotation] { [] }

        func encodedImage(at index: Int) throws -> [UInt8]? { held }
    }

    private static func source(_ names: [String], in folder: String? = nil) -> Source {
        Source(
            images: names.enumerated().map { COCOImage(id: .integer(Int64($0)), fileName: $1, width: 1, height: 1) },
            imagesDirectory: folder)
    }

    private static func write(_ names: String..., in directory: TemporaryDirectory) throws {
        for name in names {
            let path = directory.file(name)
            try FileSystem.createDirectory((path as NSString).deletingLastPathComponent)
            try AtomicFileWriter.write("x", to: path)
        }
    }

    /// The first image may be missing; the folder `images` goes before the labels' own, where both have one.
    @Test func theFirstPlaceWithAnImageIsTaken() throws {
        let directory = try TemporaryDirectory()
        let root = (directory.path as NSString).standardizingPath
        try Self.write("labels.json", "b.png", "set/annotations/x.json", "set/images/c.png", in: directory)
        let labels = root + "/labels.json"
        #expect(try ImageFolder(of: Self.source(["a.png", "b.png"]), at: labels).path == root)
        try Self.write("images/b.png", in: directory)
        #expect(try ImageFolder(of: Self.source(["a.png", "b.png"]), at: labels).path == root + "/images")
        // Names that begin with the folder are not looked for in the folder.
        #expect(try ImageFolder(of: Self.source(["images/b.png"]), at: labels).path == root)
        #expect(
            try ImageFolder(of: Self.source(["c.png"]), at: root + "/set/annotations/x.json").path
                == root + "/set/images")
        // What the format says goes before all.
        #expect(
            try ImageFolder(of: Self.source(["c.png"], in: root + "/set/images"), at: labels).path
                == root + "/set/images")
    }

    @Test func placesAreNamedWhereNothingIsFound() throws {
        let directory = try TemporaryDirectory()
        let root = (directory.path as NSString).standardizingPath
        try Self.write("annotations/x.json", in: directory)
        let folder = try ImageFolder(of: Self.source(["a.png"]), at: root + "/annotations/x.json")
        #expect(folder.path == folder.places[0])
        #expect(
            folder.places
                == ["annotations/images", "annotations", "images", ""].map {
                    $0.isEmpty ? root : root + "/" + $0
                })
        var inside = Self.source(["a.png"])
        inside.held = [1]
        #expect(try ImageFolder(of: inside, at: root + "/annotations/x.json").places.isEmpty)
    }
}
