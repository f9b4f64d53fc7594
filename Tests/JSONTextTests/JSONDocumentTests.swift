import JSONText
import Runtime
import TestSupport
import Testing

@Suite struct JSONDocumentTests {
    @Test func readsEveryType() throws {
        let value = try JSONDocument.parse(
            """
            {"null": null, "yes": true, "no": false, "int": -12, "big": 9223372036854775807, "float": 12.0,
             "text": "a\\u0000b\\u00e9", "list": [1, [], {}], "nested": {"a": {"b": [null]}}}
            """)
        #expect(value["null"] == .null)
        #expect(value["yes"]?.bool == true)
        #expect(value["no"] == false)
        #expect(value["int"] == -12)
        #expect(value["big"]?.int64 == .max)
        #expect(value["float"] == .number(12))
        #expect(value["float"]?.int == 12)
        #expect(value["text"] == .string("a\0b\u{e9}"))
        #expect(value["list"] == [1, .array([]), .object([])])
        #expect(value["nested"]?["a"]?["b"]?[0] == .null)
        #expect(value["nested"]?["a"]?["b"]?[1] == nil)
        #expect(value["missing"] == nil)
        #expect(value.object?.map(\.name).prefix(3) == ["null", "yes", "no"])
    }

    @Test(arguments: [
        ("9223372036854775807", JSONValue.integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)),
        ("18446744073709551615", .number(0x1p64)),
        ("123456789012345678901234567890", .number(1.2345678901234568e29)),
        ("-123456789012345678901234567890", .number(-1.2345678901234568e29)),
        ("-9223372036854775809", .number(-0x1p63)), ("5e-324", .number(.leastNonzeroMagnitude)), ("-0", 0),
        ("null", .null), (" \n\"\" ", ""), ("true", true), ("3", 3), ("3.0", .number(3)), ("1E2", .number(100)),
    ])
    func scalarsStandAlone(text: String, value: JSONValue) throws {
        #expect(try JSONDocument.parse(text) == value)
    }

    /// Each of these passes json-c's strict mode.
    @Test(arguments: [
        ("{'a': 1}", JSONError.Code.syntax), ("[NaN]", .syntax), ("[1e999]", .range), ("[-1e999]", .range),
        ("{\"a\": 1, \"b\": {\"c\": 1, \"c\": 2}}", .duplicateKey), ("{\"a\": 1, \"\\u0061\": 2}", .duplicateKey),
        ("[\"\t\"]", .syntax), ("nan", .syntax), ("[1] []", .syntax), ("", .truncated), ("[1, ", .truncated),
    ])
    func refusesWhatJSONCTakes(text: String, code: JSONError.Code) {
        #expect { try JSONDocument.parse(text) } throws: { ($0 as? JSONError)?.code == code }
    }

    @Test func keysMayHoldAnyCharacter() throws {
        let text = "{\"a\\u0000b\": 1, \"a\": 2, \"\\u0000\": {\"\u{F8FF}0\": 3}, \"a\\u0000c\": 4}"
        #expect(
            try JSONDocument.parse(text)
                == .object(["a\0b": 1, "a": 2, "\0": .object(["\u{F8FF}0": 3]), "a\0c": 4]))
        #expect(try JSONDocument.parse("{\"\u{F8FF}0\": 3}") == .object(["\u{F8FF}0": 3]))
        // Equal as characters, different as text: two keys.
        #expect(try JSONDocument.parse("{\"\u{e9}\": 1, \"e\u{301}\": 2}").object?.count == 2)
    }

    @Test func sizeAndDepthAreBounded() throws {
        let text = "[[[1]]]"
        #expect(try JSONDocument.parse(text, maximumBytes: 7, maximumDepth: 3)[0]?[0]?[0] == 1)
        #expect { try JSONDocument.parse(text, maximumBytes: 6) } throws: { ($0 as? JSONError)?.code == .size }
        #expect { try JSONDocument.parse(text, maximumDepth: 2) } throws: { ($0 as? JSONError)?.code == .depth }
        let deep = String(repeating: "{\"a\":[", count: 64) + "1" + String(repeating: "]}", count: 64)
        #expect(try JSONDocument.parse(deep).text() == deep)
    }

    @Test func errorsOfFilesNameThem() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("m.json")
        try AtomicFileWriter.write("{\n\"a\": }", to: path)
        #expect { try JSONDocument.read(path: path) } throws: {
            ($0 as? JSONError)?.location == DataLocation(path: path, byteOffset: 7, line: 2)
        }
        #expect { try JSONDocument.read(path: directory.file("none")) } throws: { ($0 as? FileError)?.code == .missing }
    }
}
