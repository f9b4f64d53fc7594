import Annotations
import Testing

@Suite struct COCOIdentifierTests {
    @Test func sameAsPythonWouldSay() {
        let three: [COCOIdentifier] = [3, .number("3.0"), .number("3e0")]
        for a in three {
            for b in three {
                #expect(a == b)
                #expect(a.hashValue == b.hashValue)
            }
            #expect(a != "3")
            #expect(a != .number("3.5"))
        }
        #expect(COCOIdentifier.number("3.5") == .number("3.50"))
        #expect(COCOIdentifier.number("3.5").hashValue == COCOIdentifier.number("3.50").hashValue)
        #expect(COCOIdentifier.number("9223372036854775808") == .number("9223372036854775808.0"))
        #expect(COCOIdentifier.integer(.max) != .number("9223372036854775808"))
        #expect(COCOIdentifier.number("18446744073709551615") != .number("18446744073709551616"))
        #expect(COCOIdentifier.number("18446744073709551615.0") == .number("18446744073709551616.0"))
        // The same letter, composed and decomposed: different file names, different ids.
        #expect(COCOIdentifier.text("\u{e9}") != .text("e\u{301}"))
    }

    @Test func sortsNumbersBeforeTexts() {
        let ids: [COCOIdentifier] = ["b", 10, .number("2.5"), "B", -1, .number("1e30"), 2]
        #expect(ids.sorted() == [-1, 2, .number("2.5"), 10, .number("1e30"), "B", "b"])
    }

    @Test func keepsItsSpelling() {
        #expect(COCOIdentifier.number("908400416500.0").description == "908400416500.0")
        #expect(COCOIdentifier.number("908400416500.0").int64 == 908_400_416_500)
        #expect(COCOIdentifier.text("7").int64 == nil)
    }
}
