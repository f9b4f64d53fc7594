import Masks
import TestSupport
import Testing

@Suite struct BitmapDistanceTests {
    @Test func oneRow() {
        let bitmap = Bitmap(height: 1, width: 6, pixels: [0, 1, 1, 1, 1, 1])
        #expect(bitmap.squaredDistanceTransform() == [0, 1, 4, 9, 16, 25])
        #expect(bitmap.squaredDistanceTransform(borderIsBackground: true) == [0, 1, 1, 1, 1, 1])
        #expect(bitmap.squaredDistancesToForeground() == [1, 0, 0, 0, 0, 0])
    }

    @Test func nothingToMeasureTo() {
        let full = Bitmap(height: 2, width: 2, pixels: [1, 1, 1, 1])
        #expect(full.squaredDistanceTransform() == [Int](repeating: Bitmap.unreachable, count: 4))
        #expect(
            Bitmap(height: 2, width: 2).squaredDistancesToForeground() == [Int](repeating: Bitmap.unreachable, count: 4)
        )
        #expect(Bitmap(height: 0, width: 5).squaredDistanceTransform() == [])
    }

    @Test(arguments: 0..<60)
    func distancesMatchBruteForce(index: Int) {
        let bitmap = ReferenceMask.random(index, maximumSide: 22)
        #expect(bitmap.squaredDistanceTransform() == Self.bruteForce(bitmap, target: 0, border: false))
        #expect(
            bitmap.squaredDistanceTransform(borderIsBackground: true)
                == Self.bruteForce(bitmap, target: 0, border: true))
        #expect(bitmap.squaredDistancesToForeground() == Self.bruteForce(bitmap, target: 1, border: false))
    }

    @Test func workersDoNotChangeDistances() {
        var bitmap = Bitmap(height: 150, width: 90)
        for index in 0..<40 { bitmap[index * 37 % 150, index * 53 % 90] = true }
        let all = atEveryWorkerCount { bitmap.squaredDistancesToForeground() }
        #expect(all.dropFirst().allSatisfy { $0 == all[0] })
    }

    /// Every pixel against every other.
    static func bruteForce(_ bitmap: Bitmap, target: UInt8, border: Bool) -> [Int] {
        let (height, width) = (bitmap.height, bitmap.width)
        return (0..<height * width).map { index in
            let (row, column) = (index / width, index % width)
            var best = Bitmap.unreachable
            for y in -1...height {
                for x in -1...width {
                    let isInside = y >= 0 && y < height && x >= 0 && x < width
                    let isTarget = isInside ? bitmap.pixels[y * width + x] == target : border
                    if isTarget { best = min(best, (y - row) * (y - row) + (x - column) * (x - column)) }
                }
            }
            return best
        }
    }
}
