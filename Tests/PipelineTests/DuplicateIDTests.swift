import Annotations
import JSONText
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// Annotations that share an id are told of, kept, and told apart in what is written.
@Suite struct DuplicateIDTests {
    private static func labels(_ ids: [String]) -> String {
        let annotations = ids.map {
            "{\"id\": \($0), \"image_id\": 1, \"category_id\": 3, \"iscrowd\": 0, \"area\": 25, \"bbox\": [1,1,5,5], \"segmentation\": [[1,1,6,1,6,6,1,6]]}"
        }
        return
            "{\"images\": [{\"id\": 1, \"file_name\": \"a/small.png\", \"width\": 24, \"height\": 18}], \"categories\": [{\"id\": 3, \"name\": \"c\"}], \"annotations\": [\(annotations.joined(separator: ","))]}"
    }

    static let cases: [(ids: [String], written: [String])] = [
        (["1", "2", "3"], ["1", "2", "3"]), (["1", "1", "1"], ["1", "2", "3"]),
        (["5", "3", "5", "4"], ["5", "3", "6", "4"]), (["3", "2", "1"], ["3", "2", "1"]),
        (["\"a\"", "\"a\"", "7", "\"a#2\"", "7"], ["a", "a#3", "7", "a#2", "8"]),
        (["9223372036854775807", "1", "1"], ["9223372036854775807", "1", "1#2"]),
    ]

    @Test(arguments: cases.indices)
    func laterOnesGetIdsOfTheirOwn(index: Int) throws {
        let (ids, written) = Self.cases[index]
        let data = try SmallDataset()
        let path = data.directory.file("labels.json")
        try AtomicFileWriter.write(Self.labels(ids), to: path)
        var options = ConversionOptions(input: path, images: data.images, output: data.output)
        let shards = try COCOConversion(options).run()
        #expect(shards.objects == ids.count && !shards.hasDrops)
        let repeated = ids.count - Set(ids).count
        let count = shards.counts.first { $0.rule == "schema.duplicate-annotation-id" }
        #expect((count?.count ?? 0) == repeated && count?.severity ?? .warning == .warning)
        options.output = data.directory.file("coco")
        options.target = "coco"
        _ = try Conversion(options, makeWriter: { try COCOSetWriter(root: $1, categories: $0) }) {
            try COCOSource(path: path)
        }.run()
        let (dataset, _) = try COCOReader.read(path: data.directory.file("coco/annotations.json"))
        #expect(dataset.annotations.map(\.id.description) == written)
    }
}
