import JSONText
import Runtime
import Testing

/// Passing a value and skipping it end at the same place.
@Suite struct JSONPassingTests {
    private func ends(_ text: String) -> (passed: Range<Int>?, skipped: Range<Int>?) {
        Array(text.utf8).withUnsafeBytes { bytes in
            var passing = JSONPullParser(bytes)
            var skipping = JSONPullParser(bytes)
            return (try? passing.passValue(), try? skipping.skipValue())
        }
    }

    @Test(
        arguments: [
            "[[1,2,3,4]]", " [ [1, 2.5e3] , [3,-4] ] ,", "[[]]", "[]", "[1,2]", "[[1],2]", "[[\"]\"]]", "[[[1]]]",
            "[[{\"a\":[1]}]]", "{\"size\":[4,4],\"counts\":\"a]b\"}", "\"x\"", "12", "null", "[[1],[\"a\\\"]\"]]",
            "[[1],\n[2]\t]", "[[1],[2,[3]]]",
        ])
    func validValuesEndWhereTheyDo(text: String) {
        let (passed, skipped) = ends(text)
        #expect(passed != nil && passed == skipped)
    }

    /// What is cut off or has no end is never passed; numbers between brackets are looked at later.
    @Test func brokenValues() {
        for text in ["[[1,2]", "[[1,2],", "[[1", "[", "", "[[1],]", "[[1] [2]]", "]"] {
            #expect(ends(text).passed == nil, "\(text)")
        }
        #expect(ends("[[1,,x]]").passed == 0..<8 && ends("[[1,,x]]").skipped == nil)
    }

    /// After the value, the parser goes on as after any other.
    @Test func parsingGoesOn() throws {
        try Array(#"{"a":[[1,2],[3]],"b":[[4]]}"#.utf8).withUnsafeBytes { bytes in
            var parser = JSONPullParser(bytes)
            try parser.beginObject()
            for name in ["a", "b"] {
                let key = try #require(try parser.nextKey())
                #expect(parser.name(of: key) == name)
                _ = try parser.passValue()
            }
            #expect(try parser.nextKey() == nil)
            try parser.finish()
        }
    }

    @Test func mutatedTextNeverCrashes() {
        let text = Array(#"[[1.5,2,30],[4,5,6]] {"a":[[1]]}"#.utf8)
        var random = CounterRandom(seed: 2, sample: 0, purpose: RandomPurpose("mutation"))
        for _ in 0..<5000 {
            var bytes = text
            for _ in 0..<3 { bytes[random.index(below: bytes.count)] = text[random.index(below: text.count)] }
            let (passed, skipped) = ends(String(decoding: bytes, as: UTF8.self))
            if let skipped { #expect(passed == skipped) }
        }
    }
}
