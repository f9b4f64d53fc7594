import Masks
import Runtime
import TestSupport
import Testing

@Suite struct RLETests {
    @Test func countsAreMadeCanonical() throws {
        #expect(try RLE(height: 2, width: 3, counts: [6]).counts == [6])
        #expect(try RLE(height: 2, width: 3, counts: [0, 6]).counts == [0, 6])
        #expect(try RLE(height: 2, width: 3, counts: [6, 0]).counts == [6])
        #expect(try RLE(height: 2, width: 3, counts: [1, 2, 0, 3]).counts == [1, 5])
        #expect(try RLE(height: 2, width: 3, counts: [0, 0, 2, 4]).counts == [2, 4])
        #expect(try RLE(height: 2, width: 3, counts: [1, 0, 0, 2, 3, 0, 0]).counts == [1, 2, 3])
        #expect(try RLE(height: 0, width: 3, counts: []).counts == [0])
    }

    @Test func emptyAndFull() throws {
        let empty = try RLE(height: 4, width: 5)
        #expect(empty.isEmpty && empty.area == 0 && empty.boundingBox == .zero && empty.bounds == nil)
        let full = try RLE(height: 4, width: 5, counts: [0, 20])
        #expect(full.area == 20)
        #expect(full.boundingBox == Box(x: 0, y: 0, width: 5, height: 4))
    }

    @Test(arguments: [
        ([5], MaskError.Code.sum), ([3, 4], .sum), ([], .sum), ([2, -1], .count), ([-6], .count),
        ([Int.max, Int.max], .count), ([5_000_000_000], .count), ([4_294_967_295, 4_294_967_295], .sum),
    ])
    func wrongCountsAreRefused(counts: [Int], code: MaskError.Code) {
        let error = #expect(throws: MaskError.self) { try RLE(height: 2, width: 3, counts: counts) }
        #expect(error?.code == code)
        #expect(error?.kind == .badInput)
    }

    @Test(arguments: [(-1, 3), (3, -1), (Int.max, 2), (Int.min, Int.min), (65536, 65536)])
    func impossibleSizesAreRefused(height: Int, width: Int) {
        for make in [
            { try RLE(height: height, width: width) },
            { try RLE(height: height, width: width, counts: [1]) },
            { try RLE(height: height, width: width, compressed: [49]) },
            { try RLE(height: height, width: width, polygons: [[0, 0, 1, 0, 1, 1]]) },
            { try RLE(height: height, width: width, box: Box(x: 0, y: 0, width: 1, height: 1)) },
        ] as [() throws -> RLE] {
            #expect(throws: MaskError.self) { try make() }
        }
    }

    /// 65535 x 65535 pixels: sums go beyond 31 bits everywhere.
    @Test func hugeMasksAreSixtyFourBit() throws {
        let side = 65535
        let mask = try RLE(height: side, width: side, counts: [1, side * side - 2, 1])
        #expect(mask.area == side * side - 2)
        #expect(mask.boundingBox == Box(x: 0, y: 0, width: Double(side), height: Double(side)))
        let overlap = try RLE.intersectionOverUnion(detections: [mask], groundTruth: [mask])
        #expect(overlap == [1])
        #expect(try RLE.union([mask, mask.flippedHorizontally()]).area == side * side)
    }

    @Test func uncompressedCountsMatchCOCO() throws {
        for item in try MaskFixtures.load("counts.json", as: MaskFixtures.Runs.self) {
            let mask = try RLE(height: item.h, width: item.w, counts: item.runs)
            #expect(mask.counts.map(Int.init) == item.runs)
            #expect(mask.compressedString == item.counts)
            #expect(mask.area == item.area)
            #expect(try RLE(item.h, item.w, item.counts) == mask)
        }
    }

    @Test func bitmapsMatchCOCO() throws {
        for item in try MaskFixtures.load("bitmaps.json", as: MaskFixtures.Pixels.self) {
            let mask = RLE(item.bitmap)
            #expect(mask.compressedString == item.counts)
            #expect(mask.bitmap() == item.bitmap)
            #expect(mask.area == item.area)
            #expect(item.bitmap.area == item.area)
            #expect(mask.boundingBox == Box(item.bbox))
        }
    }

    @Test(arguments: 0..<120)
    func pixelsAndRunsAgree(index: Int) throws {
        let bitmap = ReferenceMask.random(index)
        let mask = RLE(bitmap)
        #expect(mask.counts == ReferenceMask.counts(bitmap))
        #expect(mask.bitmap() == bitmap)
        let columnMajor = mask.columnMajorBytes()
        #expect(
            columnMajor
                == ReferenceMask.remapped(bitmap, height: bitmap.width, width: bitmap.height) { ($1, $0) }.pixels)
        #expect(try RLE(height: bitmap.height, width: bitmap.width, columnMajor: columnMajor) == mask)
        #expect(try RLE(height: bitmap.height, width: bitmap.width, compressed: mask.compressed()) == mask)
        var dirty = [UInt8](repeating: 77, count: bitmap.pixels.count)
        dirty.withUnsafeMutableBufferPointer { mask.decode(into: $0) }
        #expect(dirty == bitmap.pixels)
    }

    /// A mask that changes from column to column everywhere takes the other way through the decoder.
    @Test func denseMasksDecode() {
        var random = CounterRandom(seed: 1, purpose: RandomPurpose("dense mask"))
        var bitmap = Bitmap(height: 130, width: 150)
        for row in 0..<130 { for column in 0..<150 { bitmap[row, column] = random.uniform() < 0.5 } }
        #expect(RLE(bitmap).bitmap() == bitmap)
    }

    @Test(arguments: 0..<60)
    func flipsAndTransposesMatchPixels(index: Int) {
        let bitmap = ReferenceMask.random(index)
        let mask = RLE(bitmap)
        let (h, w) = (bitmap.height, bitmap.width)
        func expected(_ height: Int, _ width: Int, _ source: (Int, Int) -> (Int, Int)) -> RLE {
            RLE(ReferenceMask.remapped(bitmap, height: height, width: width, source))
        }
        #expect(mask.flippedHorizontally() == expected(h, w) { ($0, w - 1 - $1) })
        #expect(mask.flippedVertically() == expected(h, w) { (h - 1 - $0, $1) })
        #expect(mask.rotated180() == expected(h, w) { (h - 1 - $0, w - 1 - $1) })
        #expect(mask.transposed() == expected(w, h) { ($1, $0) })
    }

    @Test func anythingButZeroIsForeground() {
        #expect(Bitmap(height: 1, width: 4, pixels: [0, 1, 2, 255]).pixels == [0, 1, 1, 1])
    }
}
