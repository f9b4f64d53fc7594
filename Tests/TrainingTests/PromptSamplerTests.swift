import Masks
import Runtime
import SAM
import Testing
import Training

@Suite struct PromptSamplerTests {
    private func stream(_ sample: UInt64) -> CounterRandom {
        CounterRandom(seed: 5, sample: sample, purpose: RandomPurpose("prompt test"))
    }

    /// A mask of `height` x `width` pixels that `isInside(row, column)` fills.
    private func mask(_ height: Int, _ width: Int, _ isInside: (Int, Int) -> Bool) -> RLE {
        var bitmap = Bitmap(height: height, width: width)
        for row in 0..<height {
            for column in 0..<width where isInside(row, column) { bitmap[row, column] = true }
        }
        return RLE(bitmap)
    }

    @Test func theSameStreamDrawsTheSamePrompt() {
        let object = mask(40, 50) { $0 > 10 && $1 > 20 && $0 < 30 }
        for sample in 0..<20 {
            var (a, b) = (stream(UInt64(sample)), stream(UInt64(sample)))
            let sampler = PromptSampler()
            #expect(sampler.prompt(for: object, random: &a) == sampler.prompt(for: object, random: &b))
        }
    }

    @Test func boxesAndPointsComeHalfAndHalf() {
        let object = mask(40, 50) { $0 > 10 && $1 > 20 }
        var boxes = 0
        for sample in 0..<2000 {
            var random = stream(UInt64(sample))
            if PromptSampler().prompt(for: object, random: &random).box != nil { boxes += 1 }
        }
        // Five standard deviations of a fair coin.
        #expect(abs(boxes - 1000) < 5 * 23)
    }

    // MARK: Points

    @Test func pointsLieOnTheMaskEachPixelAlike() {
        // Two parts of 3 and 5 pixels, one of them touching the border.
        let object = mask(6, 7) { row, column in column == 0 && row < 3 || row == 4 && column > 1 }
        let bitmap = object.bitmap()
        var counts: [Int: Int] = [:]
        var random = stream(0)
        for _ in 0..<8000 {
            let point = PromptSampler.point(in: object, random: &random)
            let (row, column) = (Int(point.y), Int(point.x))
            #expect(bitmap[row, column])
            counts[row * 7 + column, default: 0] += 1
        }
        #expect(counts.count == 8)
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 5 * 30 })
    }

    @Test func theDeepestPointIsFarthestFromTheBackground() {
        // A disc with a tail: the middle of the disc.
        let object = mask(30, 40) { row, column in
            (row - 12) * (row - 12) + (column - 14) * (column - 14) <= 64 || row == 12 && column > 14 && column < 38
        }
        #expect(PromptSampler.deepestPoint(in: object) == Prompt.Point(x: 14, y: 12))
    }

    /// The image's border bounds a mask as background does, and ties go to the middle.
    @Test func theBorderCountsAsBackgroundAndTiesGoToTheMiddle() {
        #expect(PromptSampler.deepestPoint(in: mask(9, 9) { _, _ in true }) == Prompt.Point(x: 4, y: 4))
        #expect(PromptSampler.deepestPoint(in: mask(9, 9) { row, _ in row < 3 }) == Prompt.Point(x: 4, y: 1))
        #expect(PromptSampler.deepestPoint(in: mask(5, 5) { $0 == 4 && $1 == 4 }) == Prompt.Point(x: 4, y: 4))
    }

    // MARK: Boxes

    @Test func withoutNoiseTheBoxIsTheMasks() {
        let object = mask(40, 50) { $0 > 10 && $1 > 20 && $0 < 30 }
        var random = stream(1)
        #expect(PromptSampler(boxNoise: 0).box(around: object, random: &random) == object.boundingBox)
    }

    @Test func boxNoiseHasTheStatedDeviationAndLimit() {
        let object = mask(400, 400) { $0 >= 150 && $0 < 250 && $1 >= 180 && $1 < 220 }
        var squares = (left: 0.0, top: 0.0)
        let count = 4000
        for sample in 0..<count {
            var random = stream(UInt64(sample))
            let box = PromptSampler(boxNoise: 0.1, boxNoiseLimit: 20).box(around: object, random: &random)
            #expect(abs(box.x - 180) <= 20 && abs(box.maxX - 220) <= 20)
            #expect(abs(box.y - 150) <= 20 && abs(box.maxY - 250) <= 20)
            squares.left += (box.x - 180) * (box.x - 180)
            squares.top += (box.y - 150) * (box.y - 150)
        }
        // Sides of 40 and 100: deviations of 4 and 10, the latter cut at two deviations (factor 0.961 at the clamp).
        #expect(abs((squares.left / Double(count)).squareRoot() - 4) < 0.3)
        #expect(abs((squares.top / Double(count)).squareRoot() - 9.6) < 0.4)
    }

    @Test func boxesStayInTheImageAndKeepAPixel() {
        let object = mask(12, 12) { $0 == 0 && $1 == 11 }
        for sample in 0..<500 {
            var random = stream(UInt64(sample))
            let box = PromptSampler(boxNoise: 1, boxNoiseLimit: 100).box(around: object, random: &random)
            #expect(box.x >= 0 && box.y >= 0 && box.maxX <= 12 && box.maxY <= 12)
            #expect(box.width >= 1 - 1e-9 && box.height >= 1 - 1e-9)
        }
    }
}
