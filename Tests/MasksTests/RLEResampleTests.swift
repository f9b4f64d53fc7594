import Masks
import Runtime
import Testing

@Suite struct RLEResampleTests {
    static func mask(height: Int, width: Int, seed: UInt64) -> Bitmap {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("resample test"))
        // From nearly empty to nearly full, in blobs of two columns.
        let share = 1 + random.index(below: 9)
        var bitmap = Bitmap(height: height, width: width)
        for column in 0..<width {
            for row in 0..<height where random.index(below: 10) < share { bitmap[row, column] = true }
        }
        return bitmap
    }

    /// Ascending source positions, some several times, with nothing before and after.
    static func positions(_ count: Int, of length: Int, _ random: inout CounterRandom) -> [Int] {
        let drawn = (0..<count).map { _ in random.index(below: length) }.sorted()
        let before = random.index(below: 3)
        let after = random.index(below: 3)
        return drawn.enumerated().map { index, place in
            index < before || index >= count - after ? -1 : place
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func pixelsAreThoseOfTheSource(seed: UInt64) {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("positions"))
        let (height, width) = (1 + random.index(below: 30), 1 + random.index(below: 30))
        let bitmap = Self.mask(height: height, width: width, seed: seed)
        let rows = Self.positions(1 + random.index(below: 40), of: height, &random)
        let columns = Self.positions(1 + random.index(below: 40), of: width, &random)
        let found = RLE(bitmap).resampled(rows: rows, columns: columns).bitmap()
        for (line, row) in rows.enumerated() {
            for (place, column) in columns.enumerated() {
                let wanted = row >= 0 && column >= 0 && bitmap[row, column]
                #expect(found[line, place] == wanted, "(\(line), \(place))")
            }
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func subtractingTakesThePixelsOfTheOther(seed: UInt64) throws {
        let a = Self.mask(height: 17, width: 23, seed: seed)
        let b = Self.mask(height: 17, width: 23, seed: seed + 1000)
        let found = try RLE(a).subtracting(RLE(b))
        #expect(found == RLE(Bitmap(height: 17, width: 23, pixels: zip(a.pixels, b.pixels).map { $0 & ~$1 & 1 })))
        #expect(try RLE(a).subtracting(RLE(a)).isEmpty)
        #expect(throws: MaskError.self) { try RLE(a).subtracting(RLE(height: 2, width: 2)) }
    }
}
