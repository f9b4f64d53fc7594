import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

@Suite struct JSONPullParserTests {
    static func withParser<R>(_ text: String, _ body: (inout JSONPullParser) throws -> R) throws -> R {
        try Array(text.utf8).withUnsafeBytes { raw in
            var parser = JSONPullParser(raw, path: "a.json")
            return try body(&parser)
        }
    }

    @Test func readsEveryType() throws {
        let text =
            "\u{FEFF} {\"a\": [1, -2.5e3, \"x\\n\\u00e9\\ud83d\\ude00\", true, false, null, {}, []], \"b\\u0063\":\"\"} "
        let value = try PulledTree.value(Array(text.utf8))
        #expect(
            value
                == [
                    "a": [1, -2500.0, "x\n\u{e9}\u{1F600}", true, false, nil, .object([]), .array([])], "bc": "",
                ])
        #expect(try Self.withParser(text) { $0.hasByteOrderMark })
        #expect(try Self.withParser("{}") { !$0.hasByteOrderMark })
    }

    /// Correctly rounded numbers from Python, through both the general path and the path of number arrays.
    @Test func numbersAreExact() throws {
        let lines = try String(contentsOfFile: Repository.fixture("JSONText/numbers.tsv"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(lines.count > 1000)
        for line in lines {
            let expected = try #require(UInt64(line[1], radix: 16))
            let number = try Self.withParser(line[0]) { try $0.readNumber() }
            #expect(number.value.bitPattern == expected, "\(line)")
            #expect(number.integer == Int64(line[0]), "\(line)")
            // A long tail lets the eight-byte path see the number as it does inside a file.
            let array = try Self.withParser("[ \(line[0]),\(line[0]) , \(line[0])]        ") {
                try $0.readNumberArray()
            }
            #expect(array?.values.map(\.bitPattern) == [expected, expected, expected], "\(line)")
            #expect(array?.hasPlainIntegers == number.isIntegerText, "\(line)")
            #expect(
                array?.hasDecimalIntegers
                    == (!number.isIntegerText && abs(number.value) < 0x1p53 && number.value == number.value.rounded()),
                "\(line)")
        }
    }

    @Test func numbersBeyondTheRangeAreInfinite() throws {
        #expect(try Self.withParser("1e999") { try $0.readNumber().value } == .infinity)
        #expect(try Self.withParser("-1e99999999999999999999") { try $0.readNumber().value } == -.infinity)
        #expect(try Self.withParser("1e-99999999999999999999") { try $0.readNumber().value } == 0)
    }

    @Test(arguments: [
        "[]", "[ ]", "[1]", "[1,2]", "[1.5 ,\n2 ]", "[-0.25, 1e3, 123456789.125, 0]", "[0.123456789012345678901]",
    ])
    func numberArraysReadAsValuesDo(text: String) throws {
        let expected = try #require(try PulledTree.value(Array(text.utf8)).array?.map(\.double))
        let array = try Self.withParser(text) { parser in
            let array = try parser.readNumberArray()
            try parser.finish()
            return array
        }
        #expect(array?.values.map { $0 as Double? } == expected)
        #expect(array?.range == 0..<text.utf8.count)
    }

    /// What is no array of numbers is left to the caller, the cursor unmoved; what is malformed throws.
    @Test func otherArraysAreLeftAlone() throws {
        for text in ["[[1,2]]", "[1,\"]\",2]", "[null]", "{\"a\":1}", "3", "[1,true]", "[1 , [2] ]"] {
            let (array, range) = try Self.withParser(text) { (try $0.readNumberArray(), try $0.skipValue()) }
            #expect(array == nil, "\(text)")
            #expect(range == 0..<text.utf8.count, "\(text)")
        }
        for text in ["[1,]", "[01]", "[1.]", "[1e]", "[1 2]", "[-]", "[1,2", "[1,", "[1;2]", "[.5]", "[+1]", "[1.5.2]"]
        {
            #expect(throws: JSONError.self, "\(text)") {
                try Self.withParser(text) { parser in
                    if try parser.readNumberArray() == nil { try parser.skipValue() }
                }
            }
        }
    }

    @Test func skippingReturnsTheBytes() throws {
        let text = "{\"a\" : {\"x\": [1, {\"y\": \"]}\\\"\"}]} , \"b\": 2}"
        try Self.withParser(text) { parser in
            try parser.beginObject()
            var seen: [String] = []
            while try parser.nextKey() != nil {
                let range = try parser.skipValue()
                seen.append(String(decoding: parser.raw(range), as: UTF8.self))
            }
            try parser.finish()
            #expect(seen == ["{\"x\": [1, {\"y\": \"]}\\\"\"}]}", "2"])
        }
    }

    @Test func nonFiniteNumbersAreTakenOnRequest() throws {
        try Array("[NaN, [1, -Infinity,Infinity], {\"a\": NaN}]".utf8).withUnsafeBytes { raw in
            var parser = JSONPullParser(raw, acceptsNonFinite: true)
            try parser.beginArray()
            _ = try parser.nextElement()
            let number = try parser.readNumber()
            #expect(number.value.isNaN && number.range == 1..<4)
            #expect(parser.takeNonFinite() == 1)
            _ = try parser.nextElement()
            let array = try parser.readNumberArray()
            #expect(array?.values == [1, -.infinity, .infinity])
            #expect(array?.hasNonFinite == true)
            #expect(parser.takeNonFinite() == 10)
            _ = try parser.nextElement()
            try parser.skipValue()
            #expect(parser.takeNonFinite() == 37)
            #expect(parser.takeNonFinite() == nil)
        }
        for text in ["-NaN", "Nan", "Inf", "+Infinity", "infinity"] {
            #expect(throws: JSONError.self, "\(text)") {
                try Array(text.utf8).withUnsafeBytes { raw in
                    var parser = JSONPullParser(raw, acceptsNonFinite: true)
                    try parser.skipValue()
                    try parser.finish()
                }
            }
        }
    }

    @Test func keyTablesFindKeys() throws {
        let table = JSONKeyTable(["id", "image_id", "segmentation", "segmentations", ""])
        let text = "{\"segmentation\":0,\"id\":0,\"image_id\":0,\"i\\u0064\":0,\"segmentatioN\":0,\"\":0,\"ids\":0}"
        try Self.withParser(text) { parser in
            var found: [Int?] = []
            try parser.beginObject()
            while let key = try parser.nextKey() {
                found.append(table.index(of: key, in: &parser))
                try parser.skipValue()
            }
            #expect(found == [2, 0, 1, 0, nil, 4, nil])
        }
    }

    @Test func loneSurrogatesAreSeen() throws {
        try Self.withParser("[\"\\ud800\", \"\\udc00\\ud800\", \"\\ud83dx\"]") { parser in
            try parser.beginArray()
            var texts: [String] = []
            while try parser.nextElement() { texts.append(try parser.readString()) }
            #expect(texts == ["\u{FFFD}", "\u{FFFD}\u{FFFD}", "\u{FFFD}x"])
            #expect(parser.sawLoneSurrogate)
        }
        #expect(
            try !Self.withParser("\"\\ud83d\\ude00\"") { parser in
                _ = try parser.readString()
                return parser.sawLoneSurrogate
            })
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let text: String
        let code: JSONError.Code
        let offset: Int
        let line: Int
        let message: String
        var testDescription: String { text }
        init(_ text: String, _ code: JSONError.Code, _ offset: Int, _ line: Int, _ message: String) {
            self.text = text
            self.code = code
            self.offset = offset
            self.line = line
            self.message = message
        }
    }

    @Test(arguments: [
        Bad("", .truncated, 0, 1, "the text is empty; expected a value"),
        Bad("{\n\"a\": [1,\n2", .truncated, 12, 3, "with 2 open brackets; expected ',' or ']' after an element"),
        Bad("{", .truncated, 1, 1, "expected '}' after a member"),
        Bad("\"abc", .truncated, 4, 1, "expected the closing quote of a string"),
        Bad("tru", .truncated, 3, 1, "expected true or false"),
        Bad("\"\\u12", .truncated, 5, 1, "four hexadecimal digits"),
        Bad("[1,]", .syntax, 3, 1, "expected another value after ',', found ']'"),
        Bad("{\"a\":1,}", .syntax, 7, 1, "expected another key after ',', found '}'"),
        Bad("{'a':1}", .syntax, 1, 1, "found a single quote (JSON strings stand in double quotes)"),
        Bad("[\n NaN]", .syntax, 3, 2, "found 'NaN' (JSON has no such number"),
        Bad("[-Infinity]", .syntax, 2, 1, "expected a digit after '-', found 'Infinity'"),
        Bad("[None]", .syntax, 1, 1, "this looks like Python's notation"),
        Bad("[1] x", .syntax, 4, 1, "expected nothing after the document's end, found 'x'"),
        Bad("[012]", .syntax, 1, 1, "superfluous zero"),
        Bad("{\"a\" 1}", .syntax, 5, 1, "expected ':' after a key, found '1'"),
        Bad("[1 2]", .syntax, 3, 1, "expected ',' or ']' after an element, found '2'"),
        Bad("[1}", .syntax, 2, 1, "expected ',' or ']' after an element, found '}'"),
        Bad("// hi\n[]", .syntax, 0, 1, "(JSON has no comments)"),
        Bad("[\"a\tb\"]", .syntax, 3, 1, "control character 0x9"),
        Bad("[\"\\x41\"]", .syntax, 3, 1, "after a backslash"),
        Bad("\u{0}{}", .encoding, 0, 1, "UTF-16"),
    ])
    func failuresNameThePlace(bad: Bad) throws {
        #expect {
            try Array(bad.text.utf8).withUnsafeBytes { raw in
                var parser = JSONPullParser(raw, path: "a.json")
                try parser.skipValue()
                try parser.finish()
            }
        } throws: { error in
            guard let error = error as? JSONError else { return false }
            #expect(error.code == bad.code)
            #expect(error.location == DataLocation(path: "a.json", byteOffset: bad.offset, line: bad.line))
            #expect(error.message.contains(bad.message), "\(error)")
            return true
        }
    }

    @Test(arguments: [
        [0xff, 0xfe, 0x7b, 0x00], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0x80, 0x22],
        [0x22, 0xf5, 0x80, 0x80, 0x80, 0x22], [0x22, 0xe0, 0x9f, 0xbf, 0x22], [0x22, 0xc3, 0x28, 0x22],
        [0x22, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0xff, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x22],
    ])
    func otherEncodingsAreRefused(bytes: [UInt8]) {
        #expect { try PulledTree.skip(bytes) } throws: { ($0 as? JSONError)?.code == .encoding }
    }

    @Test func nestingIsBounded() throws {
        let deep = [UInt8](repeating: 0x5b, count: 128) + [UInt8](repeating: 0x5d, count: 128)
        try PulledTree.skip(deep)
        let tooDeep = [UInt8](repeating: 0x5b, count: 100_000)
        #expect { try PulledTree.skip(tooDeep) } throws: { ($0 as? JSONError)?.code == .depth }
        // A number array is a level as well.
        #expect { try PulledTree.value([UInt8](repeating: 0x5b, count: 129)) } throws: {
            ($0 as? JSONError)?.code == .depth
        }
    }

    /// Long arrays of numbers of all lengths, in the styles of several writers and mixed.
    @Test(arguments: [",", ", ", ",\n  ", " , ", nil]) func longNumberArraysRead(separator: String?) throws {
        var random = CounterRandom(seed: 3, purpose: RandomPurpose("json.arrays"))
        for count in [1, 2, 3, 17, 400, 6000] {
            var texts: [String] = []
            for _ in 0..<count {
                let digits = String(random.next() >> UInt64(random.index(below: 64)))
                let decimals = String(random.next() >> UInt64(random.index(below: 64)))
                let sign = random.index(below: 9) == 0 ? "-" : ""
                let exponent = random.index(below: 9) == 0 ? "e-\(random.index(below: 20))" : ""
                texts.append(sign + digits + (random.index(below: 4) == 0 ? "" : "." + decimals) + exponent)
            }
            var text = "["
            for (index, number) in texts.enumerated() {
                text += (index == 0 ? "" : separator ?? [",", ", ", ",  "][random.index(below: 3)]) + number
            }
            text += "]"
            let array = try Self.withParser(text) { try $0.readNumberArray() }
            #expect(array?.values == texts.map { Double($0) ?? .nan })
            let flags = try Self.withParser(text) { $0.numbersWithPoint(in: 0..<text.utf8.count) }
            #expect(flags == texts.map { $0.contains(".") || $0.contains("e") })
        }
    }

    @Test func manyLinesAreCounted() throws {
        let text = (0..<30_000).map { String(repeating: " ", count: $0 % 40) + "\n" }.joined()
        let bytes = Array(text.utf8)
        var random = CounterRandom(seed: 4, purpose: RandomPurpose("json.lines"))
        try Self.withParser(text) { parser in
            for _ in 0..<20 {
                let offset = random.index(below: bytes.count)
                #expect(parser.position(at: offset).line == 1 + bytes[..<offset].count { $0 == 10 })
            }
        }
    }

    @Test func linesAreCountedInAnyOrder() throws {
        try Self.withParser("[1,\n2,\n\n3]") { parser in
            #expect(parser.position(at: 8).line == 4)
            #expect(parser.position(at: 4).line == 2)
            #expect(parser.position(at: 0).line == 1)
            #expect(parser.position(at: 9) == TextPosition(byteOffset: 9, line: 4))
        }
    }
}
