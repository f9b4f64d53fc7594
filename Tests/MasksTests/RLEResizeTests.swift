import Masks
import Runtime
import Testing

@Suite struct RLEResizeTests {
    /// Pixel by pixel, from the definition.
    static func reference(_ mask: Bitmap, height: Int, width: Int) -> Bitmap {
        var scaled = Bitmap(height: height, width: width)
        for row in 0..<height {
            for column in 0..<width {
                scaled[row, column] =
                    mask[
                        (2 * row + 1) * mask.height / (2 * height),
                        (2 * column + 1) * mask.width / (2 * width)]
            }
        }
        return scaled
    }

    @Test func runsAreScaledAsPixelsAre() {
        var random = CounterRandom(seed: 1, purpose: RandomPurpose("scaled masks"))
        for round in 0..<200 {
            let (height, width) = (1 + random.index(below: 30), 1 + random.index(below: 30))
            let share = [0.02, 0.5, 0.98, 1][round % 4]
            let mask = Bitmap(
                height: height, width: width,
                pixels: (0..<height * width).map { _ in random.uniform() < share ? 1 : 0 })
            let (newHeight, newWidth) = (1 + random.index(below: 60), 1 + random.index(below: 60))
            let scaled = RLE(mask).resized(height: newHeight, width: newWidth)
            #expect(scaled.bitmap() == Self.reference(mask, height: newHeight, width: newWidth))
            #expect(scaled == RLE(scaled.bitmap()))
        }
    }

    @Test func emptyAndFullMasks() throws {
        #expect(try RLE(height: 4, width: 4).resized(height: 9, width: 2) == RLE(height: 9, width: 2))
        let full = RLE(Bitmap(height: 4, width: 4, pixels: Array(repeating: 1, count: 16)))
        #expect(full.resized(height: 9, width: 3).area == 27)
        #expect(try RLE(height: 0, width: 5).resized(height: 2, width: 2).isEmpty)
        #expect(full.resized(height: 4, width: 4) == full)
    }
}
