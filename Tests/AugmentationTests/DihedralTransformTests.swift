import Augmentation
import Images
import Masks
import Runtime
import Testing

@Suite struct DihedralTransformTests {
    static let all = DihedralTransform.allCases

    /// A mask of scattered pixels and the same mask as a picture, so that both can be turned and compared.
    static func sample(height: Int, width: Int, seed: UInt64) -> (Bitmap, RGBImage) {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("dihedral test"))
        var bitmap = Bitmap(height: height, width: width)
        var image = RGBImage(height: height, width: width)
        for row in 0..<height {
            for column in 0..<width where random.index(below: 3) == 0 {
                bitmap[row, column] = true
                image[row, column] = .white
            }
        }
        return (bitmap, image)
    }

    static func bitmap(of image: RGBImage) -> Bitmap {
        Bitmap(
            height: image.height, width: image.width,
            pixels: (0..<image.height * image.width).map { image.pixels[3 * $0] })
    }

    /// What each does to a 2 x 3 picture, written out by hand.
    @Test(arguments: [
        (DihedralTransform.identity, [[1, 2, 3], [4, 5, 6]]),
        (.flipHorizontal, [[3, 2, 1], [6, 5, 4]]),
        (.rotate180, [[6, 5, 4], [3, 2, 1]]),
        (.flipVertical, [[4, 5, 6], [1, 2, 3]]),
        (.transpose, [[1, 4], [2, 5], [3, 6]]),
        (.rotate90, [[4, 1], [5, 2], [6, 3]]),
        (.transverse, [[6, 3], [5, 2], [4, 1]]),
        (.rotate270, [[3, 6], [2, 5], [1, 4]]),
    ])
    func movesPixels(transform: DihedralTransform, expected: [[Int]]) {
        let source = RGBImage(
            height: 2, width: 3, pixels: (1...6).flatMap { [UInt8($0), UInt8($0 + 10), UInt8($0 + 20)] })
        let turned = transform(source)
        #expect(turned.height == expected.count && turned.width == expected[0].count)
        for (row, line) in expected.enumerated() {
            for (column, value) in line.enumerated() {
                let byte = UInt8(value)
                #expect(turned[row, column] == RGBColour(byte, byte + 10, byte + 20))
            }
        }
        #expect(transform.size(height: 2, width: 3) == (expected.count, expected[0].count))
    }

    @Test(arguments: all)
    func maskMovesWithTheImage(transform: DihedralTransform) {
        for (height, width) in [(1, 1), (1, 6), (5, 1), (7, 4), (12, 13)] {
            let (bitmap, image) = Self.sample(height: height, width: width, seed: UInt64(height * 100 + width))
            #expect(transform(RLE(bitmap)).bitmap() == Self.bitmap(of: transform(image)))
        }
    }

    @Test(arguments: all)
    func boxMovesWithTheMask(transform: DihedralTransform) {
        var bitmap = Bitmap(height: 9, width: 14)
        for row in 2..<5 { for column in 6..<13 { bitmap[row, column] = true } }
        let mask = RLE(bitmap)
        #expect(transform(mask.boundingBox, height: 9, width: 14) == transform(mask).boundingBox)
    }

    @Test(arguments: all)
    func pointStaysOnItsPixel(transform: DihedralTransform) {
        for (row, column) in [(0, 0), (3, 11), (8, 13), (4, 2)] {
            var bitmap = Bitmap(height: 9, width: 14)
            bitmap[row, column] = true
            let moved = transform((x: Double(column), y: Double(row)), height: 9, width: 14)
            #expect(transform(RLE(bitmap)).bitmap()[Int(moved.y), Int(moved.x)])
        }
    }

    @Test func formsAGroup() {
        let (_, image) = Self.sample(height: 5, width: 8, seed: 3)
        for first in Self.all {
            #expect(first.followed(by: first.inverse) == .identity)
            #expect(first.inverse(first(image)) == image)
            for second in Self.all {
                #expect(second(first(image)) == first.followed(by: second)(image), "\(first) then \(second)")
            }
            #expect(Set(Self.all.map { first.followed(by: $0) }).count == 8)
        }
    }

    @Test func allEightAreDrawn() {
        var random = CounterRandom(seed: 5, purpose: RandomPurpose("draw"))
        var counts: [DihedralTransform: Int] = [:]
        for _ in 0..<800 { counts[.random(using: &random), default: 0] += 1 }
        for transform in Self.all { #expect((60...140).contains(counts[transform] ?? 0), "\(transform)") }
    }
}
