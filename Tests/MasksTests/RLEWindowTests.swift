import Masks
import Runtime
import Testing

/// Windows of masks, and masks that come row by row, against bitmaps.
@Suite struct RLEWindowTests {
    private static func noise(height: Int, width: Int, share: Double, seed: UInt64) -> Bitmap {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("windows"))
        return Bitmap(
            height: height, width: width,
            pixels: (0..<height * width).map { _ in random.uniform() < share ? 1 : 0 })
    }

    /// Of several sizes; empty, full, sparse and dense.
    private static let masks: [Bitmap] = [(1, 1), (5, 1), (1, 9), (13, 17), (40, 8), (31, 64)].flatMap {
        height, width in
        [0, 0.03, 0.5, 0.9, 1].map {
            noise(height: height, width: width, share: $0, seed: UInt64(height * 100 + width))
        }
    }

    @Test(arguments: masks.indices) func windowsAreThoseOfTheBitmap(index: Int) {
        let mask = Self.masks[index]
        let rle = RLE(mask)
        let (h, w) = (mask.height, mask.width)
        for (rows, columns) in [
            (0..<h, 0..<w), (h / 3..<h, 0..<w), (0..<h, w / 2..<w), (h / 4..<(h + 1) / 2, w / 4..<(w + 1) / 2),
        ] where !rows.isEmpty && !columns.isEmpty {
            #expect(rle.cropped(rows: rows, columns: columns) == RLE(mask.cropped(rows: rows, columns: columns)))
        }
        #expect(rle.cropped(rows: 0..<0, columns: 0..<0).isEmpty)
    }

    @Test(arguments: masks.indices) func placingIsTheInverseOfCropping(index: Int) {
        let mask = Self.masks[index]
        let rle = RLE(mask)
        for (top, left, below, right) in [(0, 0, 0, 0), (3, 0, 0, 2), (0, 5, 7, 0), (2, 1, 1, 4)] {
            let (height, width) = (top + mask.height + below, left + mask.width + right)
            let placed = rle.placed(height: height, width: width, top: top, left: left)
            let expected = Bitmap(height: height, width: width) { pixels in
                for row in 0..<mask.height {
                    for column in 0..<mask.width where mask[row, column] {
                        pixels[(top + row) * width + left + column] = 1
                    }
                }
            }
            #expect(placed == RLE(expected))
            #expect(placed.cropped(rows: top..<top + mask.height, columns: left..<left + mask.width) == rle)
        }
    }

    @Test(arguments: masks.indices) func rowsGiveTheSameRunsAsTheBitmap(index: Int) {
        let mask = Self.masks[index]
        var encoder = RowwiseEncoder(width: mask.width)
        mask.pixels.withUnsafeBufferPointer { pixels in
            guard let base = pixels.baseAddress else { return }
            for row in 0..<mask.height { encoder.add(base + row * mask.width) }
        }
        let rle = RLE(mask)
        #expect(encoder.rle(height: mask.height, width: mask.width) == rle)
        #expect(encoder.bounds?.rows == rle.bitmap().bounds?.rows)
        #expect(encoder.bounds?.columns == rle.bitmap().bounds?.columns)
        let placed = encoder.rle(height: mask.height + 5, width: mask.width + 3, top: 4, left: 2)
        #expect(placed == rle.placed(height: mask.height + 5, width: mask.width + 3, top: 4, left: 2))
    }
}

extension Bitmap {
    /// Pixel by pixel.
    fileprivate var bounds: (rows: Range<Int>, columns: Range<Int>)? {
        let inside = (0..<height).flatMap { row in (0..<width).filter { self[row, $0] }.map { (row, $0) } }
        guard let top = inside.map(\.0).min(), let bottom = inside.map(\.0).max(),
            let left = inside.map(\.1).min(), let right = inside.map(\.1).max()
        else { return nil }
        return (top..<bottom + 1, left..<right + 1)
    }
}
