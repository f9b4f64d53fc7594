import CTextScan
import JSONText
import Runtime
import Testing

/// The fast paths of number arrays against each other, and against the standard library's reading of each number.
@Suite struct DelimitedNumbersTests {
    private struct Outcome: Equatable {
        var stop: DelimitedNumbers.Stop
        var bits: [UInt64]
        var cursor: Int
        var hasPlainIntegers: Bool
        var hasDecimalIntegers: Bool
    }

    /// All that this processor can do.
    private static let levels = 0...DelimitedNumbers.level

    /// Reads the array whose text comes first, after its bracket.
    private func read(_ text: String, step: Int, level: Int32, capacity: Int = 4096) -> Outcome {
        // What follows an array is never looked at for its own sake.
        let bytes = Array(text.utf8) + Array(repeating: UInt8(ascii: "7"), count: 120)
        return bytes.withUnsafeBufferPointer { bytes in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: capacity) { buffer in
                guard let base = bytes.baseAddress, let place = buffer.baseAddress else {
                    preconditionFailure("no memory")
                }
                var numbers = DelimitedNumbers(base: base, cursor: 1, end: bytes.count, step: step)
                var count = 0
                let stop = numbers.read(into: place, &count, capacity: capacity, level: level)
                return Outcome(
                    stop: stop, bits: buffer[..<count].map(\.bitPattern), cursor: numbers.cursor,
                    hasPlainIntegers: numbers.hasPlainIntegers, hasDecimalIntegers: numbers.hasDecimalIntegers)
            }
        }
    }

    private func shortNumber(_ random: inout CounterRandom) -> String {
        let whole = String(random.index(below: [1, 10, 100, 1000, 10_000, 10_000_000][random.index(below: 6)]))
        let room = 7 - whole.count
        guard room > 0, random.index(below: 5) > 0 else { return whole }
        let digits = 1 + random.index(below: room)
        return whole + "." + (0..<digits).map { _ in String(random.index(below: 10)) }.joined()
    }

    @Test func shortNumbersAreReadToTheEnd() {
        var random = CounterRandom(seed: 1, sample: 0, purpose: RandomPurpose("numbers"))
        for round in 0..<600 {
            let numbers = (0..<1 + random.index(below: 200)).map { _ in shortNumber(&random) }
            let step = 1 + round % 2
            let text = "[" + numbers.joined(separator: step == 2 ? ", " : ",") + "]"
            let expected = Outcome(
                stop: .closed, bits: numbers.map { Double($0)?.bitPattern ?? 0 }, cursor: text.utf8.count,
                hasPlainIntegers: numbers.contains { !$0.contains(".") },
                hasDecimalIntegers: numbers.contains {
                    $0.contains(".") && $0.split(separator: ".")[1].allSatisfy { $0 == "0" }
                })
            for level in Self.levels { #expect(read(text, step: step, level: level) == expected, "\(text)") }
        }
    }

    /// One of these among short numbers: those before it are read, but for three at most, and nothing after.
    @Test(arguments: [
        "-1", "1e3", "1E3", "01", "00", "00.5", ".5", "5.", "1.2.3", "1..2", "", "x", "\"a\"", "123456789",
        "1234.56789",
        "null", "1 ", " 1", "\n1", "[1", "1/2", "1:2", "+1", "--", ".", "0x1", "1\u{e9}",
    ])
    func whatIsNotShortIsLeft(odd: String) {
        var random = CounterRandom(seed: 2, sample: 0, purpose: RandomPurpose("numbers"))
        for before in [0, 1, 2, 3, 4, 5, 7, 8, 40, 59, 60, 61, 62, 63, 64, 65, 130] {
            for step in [1, 2] {
                let comma = step == 2 ? ", " : ","
                let first = (0..<before).map { _ in shortNumber(&random) }
                let text = "[" + (first + [odd, "7", "8", "9", "10", "11"]).joined(separator: comma) + "]"
                for level in Self.levels {
                    let outcome = read(text, step: step, level: level)
                    #expect(outcome.stop == .irregular, "\(text)")
                    #expect(
                        outcome.bits.count <= before && outcome.bits.count > before - (level == 1 ? 4 : 1), "\(text)")
                    #expect(
                        outcome.bits == first.prefix(outcome.bits.count).map { Double($0)?.bitPattern ?? 0 }, "\(text)")
                    // The cursor is before the number that comes next, or before a blank or the like in its place.
                    let read = first.prefix(outcome.bits.count).map { $0.utf8.count + comma.utf8.count }.reduce(1, +)
                    #expect(outcome.cursor == read || outcome.cursor == read - step + 1, "\(text)")
                }
            }
        }
    }

    /// A comma without its blank, wherever the blocks of 64 bytes end.
    @Test func missingBlanksAreSeen() {
        for before in 0..<140 {
            let numbers = String(repeating: "12, ", count: before)
            for level in Self.levels {
                let outcome = read("[" + numbers + "5,6, 7]", step: 2, level: level)
                #expect(outcome.stop == .irregular)
                #expect(outcome.bits.map { Double(bitPattern: $0) } == Array(repeating: 12, count: before) + [5])
                #expect(outcome.cursor == 3 + 4 * before)
            }
        }
    }

    @Test func fullBuffersAreNotOverrun() {
        let text = "[" + (0..<100).map(String.init).joined(separator: ",") + "]"
        for level in Self.levels {
            #expect(read(text, step: 1, level: level, capacity: 99).stop == .full)
            #expect(read(text, step: 1, level: level, capacity: 100).stop == .closed)
        }
    }

    @Test func endsOfNumbersAreFound() {
        var random = CounterRandom(seed: 3, sample: 0, purpose: RandomPurpose("ends"))
        let letters = Array(",]0.[ -\u{ac}".utf8)
        for _ in 0..<200 {
            let bytes = (0..<64).map { _ in letters[random.index(below: letters.count)] }
            let expected = bytes.enumerated().reduce(UInt64(0)) {
                $0 | ($1.element == UInt8(ascii: ",") || $1.element == UInt8(ascii: "]") ? 1 << $1.offset : 0)
            }
            #expect(sd_number_ends_portable(bytes) == expected)
            #expect(sd_number_ends(bytes) == expected)
        }
    }

    // MARK: Whole arrays

    /// Any numbers, and any white space: the same as number by number.
    @Test func arraysEqualTheirNumbers() throws {
        var random = CounterRandom(seed: 4, sample: 0, purpose: RandomPurpose("arrays"))
        for _ in 0..<500 {
            let isOdd = random.index(below: 3) == 0
            let numbers = (0..<random.index(below: 300)).map { _ -> String in
                guard isOdd, random.index(below: 4) == 0 else { return shortNumber(&random) }
                let odd = [
                    "-1.5", "1e3", "-0.0", "123456.789012345", "12345678901234567890", "0.1234567890123456789",
                    "4E-7", "9007199254740993", "-12", "1.0e2",
                ]
                return odd[random.index(below: odd.count)]
            }
            let separators = [",", ", ", " ,", ",\n  ", ",\t"]
            let fixed = separators[random.index(below: separators.count)]
            var text = "["
            for (index, number) in numbers.enumerated() {
                if index > 0 {
                    text += random.index(below: 20) == 0 ? separators[random.index(below: separators.count)] : fixed
                }
                text += number
            }
            text += "] , 5"
            try Array(text.utf8).withUnsafeBytes { bytes in
                var parser = JSONPullParser(bytes)
                let array = try #require(try parser.readNumberArray())
                #expect(array.values.map(\.bitPattern) == numbers.map { Double($0)?.bitPattern ?? 0 })
                #expect(array.range.upperBound == bytes.count - 4)
                let isPlain = numbers.map { !$0.contains { ".eE".contains($0) } }
                #expect(array.hasPlainIntegers == isPlain.contains(true))
                let isDecimalInteger = zip(numbers, isPlain).map { number, isPlain in
                    !isPlain && abs(Double(number) ?? 0) < 0x1p53 && Double(number)?.rounded() == Double(number)
                }
                #expect(array.hasDecimalIntegers == isDecimalInteger.contains(true))
            }
        }
    }
}
