import Annotations
import Foundation
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// Projects of VIA 3 that we write.
@Suite struct VIAThirdTests {
    private static func written(_ directory: TemporaryDirectory) throws -> [LabelledImage] {
        var options = LabelWriteOptions()
        options.via.version = .three
        let writer = try #require(
            try LabelFormat.via.labelWriter(to: directory.path, categories: SetSamples.categories, options: options))
        let images = try SetSamples.images()
        #expect(try SetSamples.write(images, with: writer) == [])
        return images
    }

    @Test func everyMaskComesBack() throws {
        let directory = try TemporaryDirectory()
        let images = try Self.written(directory)
        #expect(try LabelFormat.detect(directory.path) == .via)
        #expect(try FileSystem.list(directory.path) == ["images", "via.json"])
        let source = try RoundTripTests.opened(.via, directory.path)
        #expect(source.findings == [])
        let read = try SetSamples.read(source)
        #expect(read.count == images.count)
        for image in images {
            let back = try #require(read[SetSamples.key(image.image.fileName)])
            #expect(back.encoded == image.encoded && back.findings == [])
            #expect(back.objects.map(\.mask) == image.objects.map(\.mask))
            #expect(back.objects.map(\.isCrowd) == image.objects.map(\.annotation.isCrowd))
            #expect(
                back.objects.map(\.category)
                    == image.objects.map { object in
                        SetSamples.categories.first { $0.id == object.annotation.categoryID }?.name
                    })
        }
    }

    /// What VIA 3 wants of a project: each view of one file, each line of metadata of a view, values by their numbers.
    @Test func theProjectIsWhole() throws {
        let directory = try TemporaryDirectory()
        let images = try Self.written(directory)
        let project = try JSONDocument.read(path: directory.file("via.json"))
        let views = (1...images.count).map { JSONValue.string("\($0)") }
        #expect(project["project"]?["vid_list"]?.array == views)
        #expect(project["view"]?.object?.map(\.name) == (1...images.count).map(String.init))
        #expect(project["file"]?.object?.map { $0.value["fid"] } == views.map { $0 })
        for file in project["file"]?.object ?? [] {
            #expect(FileSystem.exists(directory.file(file.value["src"]?.string ?? "")))
        }
        let metadata = project["metadata"]?.object ?? []
        #expect(metadata.count == images.reduce(0) { $0 + $1.objects.count })
        let options = project["attribute"]?["1"]?["options"]?.object?.map(\.name) ?? []
        for line in metadata {
            #expect(views.contains(line.value["vid"] ?? .null) && [2, 7].contains(line.value["xy"]?[0]?.int ?? 0))
            #expect(options.contains(line.value["av"]?["1"]?.string ?? ""))
        }
    }

    @Test func anEmptySetIsWhole() throws {
        let directory = try TemporaryDirectory()
        var options = LabelWriteOptions()
        options.via.version = .three
        var writer = try #require(
            try LabelFormat.via.labelWriter(to: directory.path, categories: SetSamples.categories, options: options))
        try writer.finish()
        let project = try JSONDocument.read(path: directory.file("via.json"))
        #expect(project["metadata"]?.object?.isEmpty == true && project["view"]?.object?.isEmpty == true)
    }
}
