import JSONText
import Runtime
import Testing

@Suite struct JSONRecordReaderTests {
    private static let keys: [(name: String, kind: JSONRecordReader.Kind)] = [
        ("id", .integer), ("area", .number), ("bbox", .numbers), ("segmentation", .numberListsOrObject),
        ("iscrowd", .flag), ("name", .string),
    ]
    /// The reader leaves the last bytes of a text to others.
    private static let padding = String(repeating: " ", count: 400)

    /// Reads the objects of a list one after the other; nil for one that the reader declines.
    private func read<Result>(
        _ objects: [String], separator: String = ", ",
        _ body: (Int, JSONRecordReader?, inout JSONPullParser) throws -> Result
    ) throws -> [Result] {
        let text = "[" + objects.joined(separator: separator) + "]" + Self.padding
        return try Array(text.utf8).withUnsafeBytes { bytes in
            var parser = JSONPullParser(bytes)
            let reader = JSONRecordReader(Self.keys)
            try parser.beginArray()
            var results: [Result] = []
            while try parser.nextElement() {
                let start = parser.position(at: parser.offset)
                var reference = parser
                let range = try reference.skipValue()
                let isRegular = reader.read(&parser)
                #expect(isRegular || parser.offset == start.byteOffset)
                results.append(try body(results.count, isRegular ? reader : nil, &parser))
                if isRegular {
                    #expect(parser.offset == range.upperBound)
                    #expect(parser.position(at: parser.offset) == reference.position(at: range.upperBound))
                } else {
                    try parser.skipValue()
                }
            }
            try parser.finish()
            return results
        }
    }

    @Test func valuesOfRegularObjects() throws {
        let objects = (0..<40).map { index in
            """
            {"segmentation": [[1.5, 2, 3.25, \(index)], [], [7]], "area": \(Double(index) / 3), "id": \(index * 1_234_567),
             "note": {"a": [1, "}"]}, "bbox": [1, 2, \(index).5, -4e1], "iscrowd": \(index % 2), "name": "n\(index)"}
            """
        }
        let seen = try read(objects, separator: ",\n") { index, reader, parser in
            let reader = try #require(reader)
            #expect(reader.slot(0)?.pointee.integer == Int64(index * 1_234_567))
            #expect(reader.slot(1)?.pointee.number == Double(index) / 3)
            #expect(reader.slot(1)?.pointee.isIntegerText == false)
            let box = try #require(reader.slot(2))
            #expect(Array(reader.numbers(of: box)) == [1, 2, Double(index) + 0.5, -40] && box.pointee.count == 4)
            #expect(box.pointee.hasPlainIntegers && box.pointee.hasDecimalIntegers)
            var lists: [[Double]] = [[9, 9, 9, 9, 9, 9], [8], [], [], [6]]
            reader.copyLists(of: try #require(reader.slot(3)), to: &lists)
            #expect(lists == [[1.5, 2, 3.25, Double(index)], [], [7]])
            #expect(reader.slot(4)?.pointee.integer == Int64(index % 2))
            let name = try #require(reader.slot(5)).pointee.range
            #expect(String(decoding: parser.raw(name), as: UTF8.self) == "\"n\(index)\"")
            #expect(reader.extras.count == 1)
            let extra = reader.extras[0]
            #expect(String(decoding: parser.raw(extra.key), as: UTF8.self) == "note")
            #expect(String(decoding: parser.raw(extra.value), as: UTF8.self) == "{\"a\": [1, \"}\"]}")
            return true
        }
        #expect(seen.count == 40)
    }

    /// Each object has other keys than the one before, or the same in another order or with other white space.
    @Test func layoutsMayChange() throws {
        let objects = [
            "{\"id\": 1}", "{\"id\":2}", "{ \"id\" : 3 }", "{\"x\": null, \"id\": 4}", "{\"id\": 5, \"x\": true}",
            "{\"id\": 6, \"y\": \"\"}", "{\"id\": 7, \"y\": \"\", \"area\": 1}", "{\"id\": 8, \"y\": \"\"}",
            "{\"area\": 3, \"id\": 9}", "{\"id\": 10, \"area\": 3}", "{\"id\": 11}", "{\"\": 0, \"id\": 12}",
            "{\"idx\": 1, \"id\": 13}", "{\"i\": 1, \"id\": 14}",
        ]
        let ids = try read(objects) { _, reader, _ in reader?.slot(0)?.pointee.integer }
        #expect(ids == (1...14).map { Int64($0) })
        let hasArea = try read(objects) { _, reader, _ in reader?.slot(1) != nil }
        #expect(hasArea.enumerated().filter(\.element).map(\.offset) == [6, 8, 9])
    }

    @Test(arguments: [
        "{}", "3", "[]", "\"id\"", "{\"id\": 1, \"id\": 2}", "{\"id\": 1, \"x\": 1, \"x\": 2}", "{\"i\\u0064\": 1}",
        "{\"id\": 1.0}", "{\"id\": 1e0}", "{\"id\": \"1\"}", "{\"id\": null}", "{\"id\": 1234567890123456789}",
        "{\"id\": 1, \"iscrowd\": 2}", "{\"id\": 1, \"iscrowd\": null}", "{\"id\": 1, \"iscrowd\": 0.0}",
        "{\"id\": 1, \"area\": \"2\"}", "{\"id\": 1, \"area\": 1e999}", "{\"id\": 1, \"bbox\": [1, \"2\"]}",
        "{\"id\": 1, \"bbox\": [[1]]}", "{\"id\": 1, \"bbox\": {}}", "{\"id\": 1, \"bbox\": [1, 2, 3, 1e999]}",
        "{\"id\": 1, \"segmentation\": [1, 2]}", "{\"id\": 1, \"segmentation\": [[1], 2]}",
        "{\"id\": 1, \"segmentation\": [[[1]]]}", "{\"id\": 1, \"segmentation\": null}", "{\"name\": \"\\n\"}",
        "{\"name\": 3}", "{\"h\u{e9}\": 1}",
    ])
    func unusualObjectsAreDeclined(object: String) throws {
        // The layout of the first is known when the second comes.
        for first in ["{\"id\": 7}", "{\"id\": 7, \"iscrowd\": 1}", "{\"id\": 7, \"x\": 1, \"y\": 2}"] {
            let accepted = try read([first, object, first]) { _, reader, _ in reader != nil }
            #expect(accepted == [true, false, true], "\(object) after \(first)")
        }
    }

    @Test func malformedObjectsAreDeclinedAndLeftAlone() {
        for text in [
            "{\"id\": 1", "{\"id\": 1]", "{\"id\" 1}", "{\"id\": }", "{\"id\": 01}", "{\"id\": -}", "{\"id\": 1,}",
            "{,\"id\": 1}", "{\"id\": 1 \"x\": 2}", "{\"id: 1}", "{id: 1}", "{\"bbox\": [1,]}", "{\"bbox\": [1 2]}",
            "{\"bbox\": [,1]}", "{\"segmentation\": [[1],]}", "{\"segmentation\": [[1] [2]]}", "{\"iscrowd\": tru}",
            "{\"x\": nul}", "{\"x\": [1}", "{\"name\": \"a}", "{\"name\": \"\u{1}\"}", "{\"area\": 1.}",
            "{\"area\": NaN}",
        ] {
            Array((text + Self.padding).utf8).withUnsafeBytes { bytes in
                var parser = JSONPullParser(bytes, acceptsNonFinite: true)
                let reader = JSONRecordReader(Self.keys)
                #expect(!reader.read(&parser), "\(text)")
                #expect(parser.offset == 0 && parser.firstNonFinite == nil && parser.depth == 0, "\(text)")
            }
        }
    }

    /// Keys, members and white space beyond what a layout holds.
    @Test func largeObjectsAreDeclined() throws {
        let long = "{\"" + String(repeating: "k", count: 300) + "\": 1, \"id\": 1}"
        let wide = "{\"id\":" + String(repeating: " ", count: 300) + "1}"
        let many = "{" + (0..<100).map { "\"k\($0)\": 1" }.joined(separator: ", ") + "}"
        let deep = "{\"id\": 1, \"x\": " + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}"
        let accepted = try read(["{\"id\": 1}", long, wide, many, deep, "{\"id\": 1}"]) { _, reader, _ in reader != nil
        }
        #expect(accepted == [true, false, false, false, true, true])
    }

    @Test func theEndOfATextIsLeftToOthers() {
        Array("{\"id\": 1}".utf8).withUnsafeBytes { bytes in
            var parser = JSONPullParser(bytes)
            #expect(!JSONRecordReader(Self.keys).read(&parser))
        }
    }
}
