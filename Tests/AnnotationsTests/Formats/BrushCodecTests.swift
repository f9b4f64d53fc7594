import Annotations
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// Streams that Label Studio's own converter wrote (Tests/Fixtures/Annotations/brush/make-brush.py).
@Suite struct BrushCodecTests {
    @Test func streamsOfLabelStudioAreRead() throws {
        let cases = try #require(try JSONDocument.read(path: Repository.fixture("Annotations/brush/brush.json")).array)
        #expect(cases.count == 6)
        let directory = try TemporaryDirectory()
        for element in cases {
            let rows = try #require(element["rows"]?.array).compactMap(\.string)
            let (height, width) = (rows.count, rows[0].utf8.count)
            let result = JSONValue.object([
                JSONMember("original_width", .integer(Int64(width))),
                JSONMember("original_height", .integer(Int64(height))),
                JSONMember(
                    "value",
                    .object([
                        JSONMember("format", "rle"), JSONMember("rle", element["rle"] ?? .null),
                        JSONMember("brushlabels", ["c"]),
                    ])),
            ])
            let task = JSONValue.object([
                JSONMember("data", .object([JSONMember("image", "a.png")])),
                JSONMember("annotations", .array([.object([JSONMember("result", .array([result]))])])),
            ])
            let path = directory.file("tasks.json")
            try AtomicFileWriter.write(JSONValue.array([task]).text(), to: path)
            let source = try LabelStudioSource(path: path)
            var findings: [LabelFinding] = []
            let read = try source.annotations(ofImage: 0, height: height, width: width) { findings.append($0) }
            #expect(findings == [])
            let expected = Bitmap(
                height: height, width: width, pixels: rows.flatMap { $0.utf8.map { $0 == UInt8(ascii: "1") ? 1 : 0 } })
            let isSame = try read.first?.segmentation?.rle(height: height, width: width) == RLE(expected)
            #expect(isSame, "\(element["name"]?.string ?? "")")
            // Another size than the image's is no mask of it.
            #expect(try source.annotations(ofImage: 0, height: height + 1, width: width) { _ in }.isEmpty)
        }
    }
}
