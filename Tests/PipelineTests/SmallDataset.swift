import Foundation
import Images
import JSONText
import Pipeline
import Runtime
import Shards
import TestSupport

/// The labels of `Tests/Fixtures/Pipeline` and images of their sizes, in a directory of their own.
struct SmallDataset {
    let directory: TemporaryDirectory
    var labels: JSONValue

    init() throws {
        directory = try TemporaryDirectory()
        labels = try JSONDocument.parse(
            String(decoding: FileSystem.read(Repository.fixture("Pipeline/labels.json")), as: UTF8.self))
        try writeImage("a/small.png", width: 24, height: 18)
        try writeImage("b/large.png", width: 30, height: 20)
        try writeImage("b/empty.png", width: 30, height: 20)
    }

    var images: String { directory.file("images") }
    var output: String { directory.file("out") }

    func writeImage(_ name: String, width: Int, height: Int) throws {
        let seed = name.utf8.reduce(0) { $0 &* 31 &+ Int($1) }
        let pixels = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: ($0 &* 7 &+ seed) % 251) }
        try write(ImageCodec.encodePNG(RGBImage(height: height, width: width, pixels: pixels)), as: name)
    }

    /// Writes a file below the images' directory.
    func write(_ bytes: [UInt8], as name: String) throws {
        let path = images + "/" + name
        try FileSystem.createDirectory((path as NSString).deletingLastPathComponent)
        try AtomicFileWriter.write(bytes, to: path)
    }

    /// Appends elements, as JSON text, to one of the labels' lists.
    mutating func add(_ elements: String..., to list: String) throws {
        guard case .object(var members) = labels, let at = members.firstIndex(where: { $0.name == list }) else {
            return
        }
        let added = try elements.map { try JSONDocument.parse($0) }
        members[at].value = .array((members[at].value.array ?? []) + added)
        labels = .object(members)
    }

    /// Adds `count` images without objects in five folders.
    mutating func addImages(_ count: Int) throws {
        for index in 0..<count {
            let name = "more/\(index % 5)/\(index).png"
            try writeImage(name, width: 16, height: 9 + index % 7)
            try add(
                "{\"id\": \(100 + index), \"file_name\": \"\(name)\", \"width\": 16, \"height\": \(9 + index % 7)}",
                to: "images")
        }
    }

    /// Writes the labels and gives the options that convert them.
    func options(output: String? = nil) throws -> ConversionOptions {
        let input = directory.file("labels.json")
        try AtomicFileWriter.write(labels.text(pretty: true), to: input)
        return ConversionOptions(input: input, images: images, output: output ?? self.output)
    }

    /// Converts with changed options and opens what comes out.
    func convert(_ change: (inout ConversionOptions) -> Void = { _ in }) throws -> (ConversionSummary, [ShardSample]) {
        var options = try options()
        options.existingOutput = .replace
        change(&options)
        let summary = try COCOConversion(options).run()
        var samples: [ShardSample] = []
        for part in summary.parts {
            let set = try ShardSet(path: part.directory)
            samples += try (0..<set.count).map { try set.sample(at: $0) }
        }
        return (summary, samples)
    }

    /// Every file below a directory by its path in it.
    static func files(in directory: String) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try FileSystem.list(directory) {
            let path = directory + "/" + name
            if FileSystem.isDirectory(path) {
                for (below, bytes) in try Self.files(in: path) { files[name + "/" + below] = bytes }
            } else {
                files[name] = try FileSystem.read(path)
            }
        }
        return files
    }
}
