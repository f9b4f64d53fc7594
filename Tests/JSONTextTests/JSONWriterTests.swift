import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

@Suite struct JSONWriterTests {
    static let sample: JSONValue = [
        "a": [1, 2.5, .object([]), .array([])], "text": "q\" b\\ n\n t\t r\r \u{1} \u{7f} \u{e9} \u{1F600} /", "n": nil,
    ]

    @Test func compactHasNoWhiteSpace() {
        #expect(
            Self.sample.text()
                == "{\"a\":[1,2.5,{},[]],\"text\":\"q\\\" b\\\\ n\\n t\\t r\\r \\u0001 \u{7f} \u{e9} \u{1F600} /\",\"n\":null}"
        )
    }

    @Test func indentedReads() {
        #expect(
            JSONValue.object(["a": [1, .object([]), ["b": [true]]]]).text(pretty: true)
                == """
                {
                  "a": [
                    1,
                    {},
                    {
                      "b": [
                        true
                      ]
                    }
                  ]
                }
                """)
    }

    @Test func linesHoldOneChildEach() {
        var writer = JSONWriter(layout: .lines)
        writer.beginObject()
        writer.key("a")
        writer.beginArray(layout: .lines)
        writer.value([1, 2])
        writer.value(["b": 3])
        writer.endArray()
        writer.rawKey(Array("k\\u0041".utf8))
        writer.raw(Array("[ 1 ]".utf8))
        writer.endObject()
        writer.finish()
        #expect(writer.text == "{\n\"a\":[\n[1,2],\n{\"b\":3}\n],\n\"k\\u0041\":[ 1 ]\n}\n")
    }

    @Test(arguments: [
        (12.0, "12.0", "12"), (0.0, "0.0", "0"), (-0.0, "-0.0", "-0.0"), (0.1, "0.1", "0.1"),
        (1e300, "1e+300", "1e+300"),
        (-3.0, "-3.0", "-3"), (9_007_199_254_740_994, "9.007199254740994e+15", "9.007199254740994e+15"),
        (.leastNonzeroMagnitude, "5e-324", "5e-324"), (.nan, "null", "null"), (-.infinity, "null", "null"),
    ])
    func numbersAreTheShortest(value: Double, text: String, plain: String) {
        var writer = JSONWriter()
        writer.number(value)
        #expect(writer.text == text)
        var plainWriter = JSONWriter()
        plainWriter.plainNumber(value)
        #expect(plainWriter.text == plain)
    }

    /// What Python's `repr` gives, in Swift's spelling of exponents.
    @Test func numbersSurviveARoundTrip() throws {
        let lines = try String(contentsOfFile: Repository.fixture("JSONText/numbers.tsv"), encoding: .utf8)
            .split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        for line in lines {
            let value = Double(bitPattern: try #require(UInt64(line[1], radix: 16)))
            let text = JSONValue.number(value).text()
            #expect(try JSONDocument.parse(text).double?.bitPattern == value.bitPattern, "\(line)")
            #expect(text.filter { $0.isNumber || $0 == "-" }.count <= line[2].count + 2, "\(text) against \(line)")
        }
    }

    /// The quick ways to a number's text give what the standard library gives.
    @Test func quickTextIsTheSame() {
        var random = CounterRandom(seed: 1, purpose: RandomPurpose("json.number"))
        var values: [Double] = [0.01, 0.005, 0.1, 0.99, 1, 100, 0.29, 1e12, 999_999_999_999.99, 1_234_567_890_123.45]
        for _ in 0..<20_000 {
            let decimals = [1.0, 10, 100, 1000, 1e6][random.index(below: 5)]
            let range = [1.0, 1e3, 1e6, 1e11, 1e13][random.index(below: 5)]
            let value = (random.uniform() * range * decimals).rounded() / decimals
            values += [value, value.nextUp, value.nextDown]
        }
        for value in values {
            #expect(JSONValue.number(value).text() == value.description)
            #expect(JSONValue.number(-value).text() == (-value).description)
        }
        for value in [0, 7, -7, 10, 1_000_000, .max, .min, .min + 1] as [Int64] {
            #expect(JSONValue.integer(value).text() == String(value))
        }
        var writer = JSONWriter()
        writer.integer(UInt64.max)
        #expect(writer.text == "18446744073709551615")
    }

    @Test func flushingChangesNothing() throws {
        let directory = try TemporaryDirectory()
        let file = try AtomicFileWriter(path: directory.file("a.json"))
        var writer = JSONWriter()
        writer.beginArray()
        for index in 0..<1000 {
            writer.integer(index)
            try writer.flush(to: file, above: 100)
            #expect(writer.bytes.count <= 100)
        }
        writer.endArray()
        writer.finish()
        try writer.flush(to: file)
        try file.commit()
        let expected = "[" + (0..<1000).map(String.init).joined(separator: ",") + "]\n"
        #expect(try FileSystem.read(directory.file("a.json")) == Array(expected.utf8))
    }
}
