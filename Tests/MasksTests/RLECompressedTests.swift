import Masks
import Runtime
import Testing

@Suite struct RLECompressedTests {
    @Test(arguments: [
        ("", MaskError.Code.sum), ("0", .sum), ("6 ", .characters), ("/6", .characters), ("p", .characters),
        ("6\n", .characters), ("`", .characters), ("6P", .characters), ("PPPPPPPP0", .characters),
        ("oooooooo?", .characters), ("O", .count), ("7O", .count), ("7", .sum), ("66", .sum), ("PPPPPP4", .count),
        ("1111O", .sum), ("11OO", .count), ("b'6'", .characters),
    ])
    func damagedTextIsRefused(text: String, code: MaskError.Code) {
        let error = #expect(throws: MaskError.self) { try RLE(2, 3, text) }
        #expect(error?.code == code, "\(text)")
    }

    @Test func zeroRunsAreMergedAway() throws {
        #expect(try RLE(2, 3, "1201").counts == [1, 5])
    }

    @Test func bytesOutsideASCIIAreRefused() {
        for byte in UInt8.min...UInt8.max where !(48..<112).contains(byte) {
            let error = #expect(throws: MaskError.self) { try RLE(height: 2, width: 3, compressed: [byte]) }
            #expect(error?.code == .characters)
        }
    }

    /// What is read, and what is refused for which reason, number by number.
    @Test func numbersAreReadAsTheFormSays() throws {
        var random = CounterRandom(seed: 7, purpose: RandomPurpose("compressed numbers"))
        var (read, refused) = (0, 0)
        for index in 0..<3000 {
            // Some longer than what is counted at a time; most of characters that end a number.
            let count = index % 100 == 0 ? 4000 + random.index(below: 5000) : random.index(below: 60)
            var bytes = (0..<count).map { _ in
                UInt8(48 + random.index(below: random.index(below: 8) == 0 ? 64 : 16))
            }
            if index % 3 == 0, count > 0 {
                bytes[random.index(below: count)] = UInt8([0, 47, 79, 111, 112, 255][random.index(below: 6)])
            }
            let (runs, problem) = ReferenceMask.runs(compressed: bytes)
            if let problem {
                refused += 1
                let error = #expect(throws: MaskError.self) { try RLE.runs(compressed: bytes) }
                #expect(error?.code == problem)
                continue
            }
            read += 1
            #expect(try RLE.runs(compressed: bytes) == runs)
            let total = runs.reduce(0) { $0 + Int($1) }
            guard (1...Int(UInt32.max)).contains(total) else { continue }
            let mask = try RLE(height: 1, width: total, compressed: bytes)
            #expect(mask.counts == ReferenceMask.withoutEmptyRuns(runs))
        }
        #expect(read > 500 && refused > 500)
    }

    /// Whatever bytes come, the result is a mask or an error, and a mask that is written reads back the same.
    @Test func mutatedTextNeverCrashes() throws {
        var random = CounterRandom(seed: 3, purpose: RandomPurpose("compressed fuzz"))
        var accepted = 0
        for index in 0..<120 {
            let bitmap = ReferenceMask.random(index)
            let original = RLE(bitmap).compressed()
            for _ in 0..<40 {
                var bytes = original
                for _ in 0...random.index(below: 3) {
                    let place = random.index(below: bytes.count)
                    switch random.index(below: 4) {
                    case 0: bytes[place] = UInt8(random.index(below: 256))
                    case 1: bytes.insert(UInt8(48 + random.index(below: 64)), at: place)
                    case 2: if bytes.count > 1 { bytes.remove(at: place) }
                    default: bytes.swapAt(place, random.index(below: bytes.count))
                    }
                }
                guard let mask = try? RLE(height: bitmap.height, width: bitmap.width, compressed: bytes) else {
                    continue
                }
                accepted += 1
                #expect(mask.counts.reduce(0) { $0 + Int($1) } == mask.pixelCount)
                #expect(mask.counts.dropFirst().allSatisfy { $0 > 0 })
                #expect(RLE(mask.bitmap()) == mask)
            }
        }
        #expect(accepted > 20)
    }
}
