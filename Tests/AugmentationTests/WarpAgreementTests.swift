import Augmentation
import Foundation
import Images
import Masks
import Runtime
import Testing

/// Masks and pictures go the same way to the pixel, and as far as with albumentations.
@Suite struct WarpAgreementTests {
    /// Objects that fill a picture with a colour each: with the nearest pixel, masks stay exactly where their colours are.
    @Test(
        arguments: [
            [["Perspective": ["scale": [0.1, 0.2], "fit_output": true, "interpolation": "nearest", "p": 1]]],
            [["Perspective": ["interpolation": "nearest", "p": 1]]],
            [
                ["Affine": ["rotate": 17, "scale": 1.2, "interpolation": "nearest", "p": 1]],
                ["Perspective": ["interpolation": "nearest", "p": 1]],
            ],
            [["Affine": ["rotate": [-40, 40], "shear": 9, "interpolation": "nearest", "p": 1]]],
            [["ElasticTransform": ["alpha": 300, "sigma": 7, "interpolation": "nearest", "p": 1]]],
        ] as [AugmentationValue])
    func coloursStayWithTheirMasks(steps: AugmentationValue) throws {
        let (height, width) = (151, 203)
        var random = CounterRandom(seed: 8, purpose: RandomPurpose("cells"))
        let seeds = (0..<12).map { _ in (random.uniform(0..<Double(width)), random.uniform(0..<Double(height))) }
        var image = RGBImage(height: height, width: width)
        var bitmaps = [Bitmap](repeating: Bitmap(height: height, width: width), count: seeds.count)
        for row in 0..<height {
            for column in 0..<width {
                let distances = seeds.map { hypot(Double(column) - $0.0, Double(row) - $0.1) }
                let cell = distances.indices.min { distances[$0] < distances[$1] } ?? 0
                bitmaps[cell][row, column] = true
                image[row, column] = RGBColour(UInt8(20 + 10 * cell), 200, 90)
            }
        }
        let objects = bitmaps.enumerated().map { AugmentedObject(index: $0, mask: RLE($1)) }
        for number in 0..<6 as Range<UInt64> {
            let result = try AugmentationChain(steps)(
                AugmentationSample(image: image, objects: objects), key: AugmentationKey(seed: 3, sample: number))
            let picture = result.image
            var covered = 0
            for object in result.objects {
                let bitmap = object.mask.bitmap()
                let colour = RGBColour(UInt8(20 + 10 * object.index), 200, 90)
                var wrong = 0
                for row in 0..<picture.height {
                    for column in 0..<picture.width where bitmap[row, column] && picture[row, column] != colour {
                        wrong += 1
                    }
                }
                #expect(wrong == 0, "object \(object.index) of \(steps)")
                covered += object.mask.area
            }
            let coloured = stride(from: 1, to: picture.pixels.count, by: 3).count { picture.pixels[$0] == 200 }
            #expect(covered == coloured, "\(steps)")
        }
    }

    /// The displacement of albumentations 2.0.8 (`generate_displacement_fields`), far from the edges, whose noise it repeats:
    /// its mean over 100 draws on 256 x 256 pixels.
    @Test(arguments: [("gaussian", 1.037), ("uniform", 2.692)])
    func elasticStrengthIsThatOfAlbumentations(noise: String, expected: Double) throws {
        let (side, step) = (256, 20)
        let points = stride(from: 60, to: 200, by: step).flatMap { y in
            stride(from: 60, to: 200, by: step).map { AugmentedObject.Point(x: Double($0), y: Double(y)) }
        }
        let object = AugmentedObject(
            index: 0,
            mask: RLE(
                Bitmap(height: side, width: side) { pixels in
                    for place in pixels.indices { pixels[place] = 1 }
                }), points: points)
        let chain = try AugmentationChain([
            ["ElasticTransform": ["alpha": 120, "sigma": 9, "noise_distribution": .text(noise), "p": 1]]
        ])
        var (sum, count) = (0.0, 0.0)
        for number in 0..<60 as Range<UInt64> {
            let sample = AugmentationSample(image: RGBImage(height: side, width: side), objects: [object])
            let moved = try chain(sample, key: AugmentationKey(seed: 2, sample: number)).objects.first?.points ?? []
            #expect(moved.count == points.count)
            for (a, b) in zip(moved, points) { sum += hypot(a.x - b.x, a.y - b.y) }
            count += Double(points.count)
        }
        #expect(abs(sum / count / expected - 1) < 0.05, "\(sum / count)")
    }

    /// OpenCV's numbers stand for the words, as albumentations has them.
    @Test func numbersOfOpenCVAreWords() throws {
        let sample = SyntheticSample.discs(count: 2)
        for (number, word) in ["nearest", "linear", "cubic", "area", "lanczos"].enumerated() {
            for (border, mode) in ["constant", "replicate", "reflect", "wrap", "reflect_101"].enumerated() {
                func run(_ kind: AugmentationValue, _ mode: AugmentationValue) throws -> AugmentedSample {
                    try FusedGeometryTests.run(
                        [["Affine": ["rotate": 31, "scale": 0.7, "interpolation": kind, "border_mode": mode, "p": 1]]],
                        on: sample)
                }
                let (a, b) = try (
                    run(.number(Double(number)), .number(Double(border))), run(.text(word), .text(mode))
                )
                #expect(a.image == b.image && a.objects.map(\.mask) == b.objects.map(\.mask))
            }
        }
        let error = #expect(throws: AugmentationError.self) {
            try AugmentationChain([["Affine": ["interpolation": 9]]])
        }
        #expect(String(describing: error).contains("0, 1, 2, 3, 4"))
    }
}
