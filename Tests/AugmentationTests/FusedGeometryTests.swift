import Augmentation
import Foundation
import Images
import Masks
import Runtime
import TestSupport
import Testing

/// Geometric steps in a row against the same steps one by one, and against slow references.
@Suite struct FusedGeometryTests {
    static let key = AugmentationKey(seed: 3, epoch: 1, sample: 9)

    static func run(_ steps: AugmentationValue, on sample: AugmentationSample) throws -> AugmentedSample {
        try AugmentationChain(steps)(sample, key: key)
    }

    /// The steps as chains of one step each.
    static func oneByOne(_ steps: [AugmentationValue], on sample: AugmentationSample) throws -> AugmentationSample {
        try steps.reduce(sample) { sample, step in
            let result = try run([step], on: sample)
            return AugmentationSample(image: result.image, objects: result.objects)
        }
    }

    static let exactSteps: [[AugmentationValue]] = [
        [["HorizontalFlip": ["p": 1]], ["Transpose": ["p": 1]], ["CenterCrop": ["height": 90, "width": 50]]],
        [
            ["CenterCrop": ["height": 71, "width": 93]],
            ["PadIfNeeded": ["min_height": 100, "min_width": 140, "fill": 9]],
            ["VerticalFlip": ["p": 1]],
        ],
        [
            ["PadIfNeeded": ["min_height": 200, "min_width": 161, "position": "top_right", "fill": [1, 2, 3]]],
            ["Transpose": ["p": 1]], ["CenterCrop": ["height": 150, "width": 100]], ["HorizontalFlip": ["p": 1]],
            ["PadIfNeeded": ["min_height": 180, "min_width": 180, "position": "bottom_left", "fill": [1, 2, 3]]],
            ["VerticalFlip": ["p": 1]], ["CenterCrop": ["height": 179, "width": 160]],
        ],
        // Two fills cannot be one move.
        [
            ["PadIfNeeded": ["min_height": 130, "min_width": 170, "fill": 10]],
            ["PadIfNeeded": ["min_height": 140, "min_width": 180, "fill": 20]],
        ],
        [["Affine": ["rotate": 90, "fill": 5, "p": 1]], ["Affine": ["translate_px": 7, "fill": 5, "p": 1]]],
    ]

    @Test(arguments: exactSteps)
    func movesWithoutBlendingAreExact(steps: [AugmentationValue]) throws {
        let sample = SyntheticSample.discs()
        let fused = try Self.run(.list(steps), on: sample)
        let single = try Self.oneByOne(steps, on: sample)
        // An affine frame cuts nothing off that a later one brings back; all else is the same.
        if steps.allSatisfy({ !$0.json.contains("Affine") }) {
            #expect(fused.image == single.image)
            #expect(fused.objects == single.objects)
        } else {
            #expect(fused.objects.count >= single.objects.count)
        }
        for object in fused.objects {
            // The object's pixels are where its mask says: none of them is of the fill.
            let mask = object.mask.bitmap()
            for pixel in 0..<mask.pixels.count where mask.pixels[pixel] == 1 {
                #expect(fused.image.pixels[3 * pixel] >= 120)
            }
        }
    }

    @Test func resizeIsPillows() throws {
        let sample = SyntheticSample.discs()
        for (height, width) in [(64, 64), (240, 320), (120, 161), (1, 1), (121, 7)] {
            let step: AugmentationValue = [
                "Resize": ["height": .number(Double(height)), "width": .number(Double(width))]
            ]
            let result = try Self.run([step], on: sample)
            #expect(result.image == sample.image.resized(width: width, height: height))
        }
    }

    /// Only the part that is kept is resampled, and it is what a resize of everything would give.
    @Test func cropAfterResizeIsThatOfTheWhole() throws {
        let sample = SyntheticSample.discs()
        for (height, width) in [(64, 90), (240, 320), (333, 161)] {
            let fused = try Self.run(
                [
                    ["Resize": ["height": .number(Double(height)), "width": .number(Double(width))]],
                    ["CenterCrop": ["height": 50, "width": 60]], ["Transpose": ["p": 1]],
                ], on: sample)
            let whole = sample.image.resized(width: width, height: height)
                .cropped(row: (height - 50) / 2, column: (width - 60) / 2, height: 50, width: 60)
            // Turned before or after it is filtered: the order of the two passes may differ by a level.
            #expect(SyntheticSample.difference(DihedralTransform.transpose(whole), fused.image) <= 1)
        }
    }

    /// What a crop cuts off does not come back.
    @Test func cropHides() throws {
        let white = AugmentationSample(image: RGBImage(height: 40, width: 40, filling: .white), objects: [])
        let turned = try Self.run(
            [
                ["CenterCrop": ["height": 20, "width": 20]], ["Affine": ["scale": 0.5, "rotate": 45, "p": 1]],
                ["Affine": ["rotate": -45, "p": 1]],
                ["PadIfNeeded": ["min_height": 40, "min_width": 40]],
            ], on: white)
        let lit = (0..<1600).filter { turned.image.pixels[3 * $0] > 127 }.count
        // A square of ten pixels a side, but for the blended border.
        #expect((81...121).contains(lit), "\(lit) pixels")
        let rotatedThenCropped = try Self.run(
            [
                ["Affine": ["rotate": 45, "p": 1]], ["CenterCrop": ["height": 10, "width": 10]],
                ["PadIfNeeded": ["min_height": 40, "min_width": 40]], ["Affine": ["rotate": 10, "p": 1]],
            ], on: white)
        let kept = (0..<1600).filter { rotatedThenCropped.image.pixels[3 * $0] > 127 }.count
        #expect((81...121).contains(kept), "\(kept) pixels")
    }

    /// Two turns are one: blended once, and nothing is lost at the corners.
    @Test func turnsThatUndoEachOtherChangeNothing() throws {
        let sample = SyntheticSample.discs(seed: 4)
        let result = try Self.run(
            [
                ["Affine": ["rotate": 33, "scale": 1.5, "p": 1]], ["Affine": ["scale": 0.6666666666666666, "p": 1]],
                ["Rotate": ["limit": [-33, -33], "p": 1]],
            ], on: sample)
        #expect(SyntheticSample.difference(result.image, sample.image) <= 1)
        #expect(result.objects.map(\.mask) == sample.objects.map(\.mask))
    }

    /// The warp in double precision, pixel by pixel.
    static func reference(
        _ image: RGBImage, inverse: ProjectiveMatrix, height: Int, width: Int, fill: Double
    ) -> [Double] {
        var result: [Double] = []
        for row in 0..<height {
            for column in 0..<width {
                let place = inverse(Double(column) + 0.5, Double(row) + 0.5)
                let (x, y) = (place.x - 0.5, place.y - 0.5)
                for channel in 0..<3 {
                    func sample(_ r: Int, _ c: Int) -> Double {
                        r >= 0 && r < image.height && c >= 0 && c < image.width
                            ? Double(image.pixels[(r * image.width + c) * 3 + channel]) : fill
                    }
                    guard x.isFinite, abs(x) < 1e6, abs(y) < 1e6 else {
                        result.append(fill)
                        continue
                    }
                    let (c, r) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
                    let (u, v) = (x - Double(c), y - Double(r))
                    let upper = sample(r, c) * (1 - u) + sample(r, c + 1) * u
                    let lower = sample(r + 1, c) * (1 - u) + sample(r + 1, c + 1) * u
                    result.append(upper * (1 - v) + lower * v)
                }
            }
        }
        return result
    }

    @Test(arguments: 0..<12)
    func affineIsTheReference(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("affine test"))
        let image = ImageFuzz.noise(height: 37, width: 53, seed: seed)
        let (degrees, scaleX, scaleY) = (random.uniform(-180..<180), random.uniform(0.7..<2), random.uniform(0.7..<2))
        let sample = AugmentationSample(
            image: image,
            objects: [
                AugmentedObject(
                    index: 0, mask: RLE(Bitmap(height: 37, width: 53, pixels: [UInt8](repeating: 1, count: 37 * 53))),
                    points: [.init(x: 20, y: 18), .init(x: 30, y: 18), .init(x: 20, y: 24)])
            ])
        let result = try Self.run(
            [
                [
                    "Affine": [
                        "rotate": .number(degrees), "scale": ["x": .number(scaleX), "y": .number(scaleY)], "fill": 77,
                        "p": 1,
                    ]
                ]
            ], on: sample)
        let inverse = try #require(
            ProjectiveMatrix.translation(x: -26.5, y: -18.5).followed(by: .scale(x: scaleX, y: scaleY))
                .followed(
                    by: ProjectiveMatrix(
                        cos(degrees * .pi / 180), sin(degrees * .pi / 180), 0, -sin(degrees * .pi / 180),
                        cos(degrees * .pi / 180), 0)
                ).followed(by: .translation(x: 26.5, y: 18.5)).inverse)
        let wanted = Self.reference(image, inverse: inverse, height: 37, width: 53, fill: 77)
        let worst = zip(result.image.pixels, wanted).map { abs(Double($0) - $1) }.max() ?? .infinity
        // Shares to the nearest 1/128: up to a level, and two roundings.
        #expect(worst < 2.2, "\(worst) levels")
        // The mask is where the reference's places are inside.
        let mask = try #require(result.objects.first).mask.bitmap()
        var wrong = 0
        for row in 0..<37 {
            for column in 0..<53 {
                let place = inverse(Double(column) + 0.5, Double(row) + 0.5)
                let isInside = place.x >= 0 && place.x < 53 && place.y >= 0 && place.y < 37
                if isInside != mask[row, column] { wrong += 1 }
            }
        }
        #expect(wrong == 0)
    }

    /// A warped picture of a mask and the warped mask agree, for every kind of move.
    @Test(
        arguments: [
            ["Affine": ["rotate": 25, "scale": 1.3, "shear": [4, 9], "p": 1]],
            ["Affine": ["scale": 0.45, "rotate": 70, "p": 1]], ["Perspective": ["scale": 0.12, "p": 1]],
            ["Perspective": ["scale": 0.1, "fit_output": true, "keep_size": false, "p": 1]],
            ["ElasticTransform": ["alpha": 120, "sigma": 9, "p": 1]],
            ["ElasticTransform": ["alpha": 20, "sigma": 3, "p": 1]],
            ["Rotate": ["crop_border": true, "p": 1]], ["Affine": ["rotate": 40, "fit_output": true, "p": 1]],
            ["Resize": ["height": 300, "width": 200]],
            ["LargeScaleJitter": ["size": [200, 200], "scale": [0.8, 1.5]]],
        ] as [AugmentationValue])
    func picturesOfMasksAgree(step: AugmentationValue) throws {
        let sample = SyntheticSample.discs(height: 150, width: 190, count: 3, seed: 6, radius: 22)
        for number in 0..<3 as Range<UInt64> {
            for object in sample.objects {
                let one = AugmentationSample(image: SyntheticSample.picture(of: object.mask), objects: [object])
                let result = try AugmentationChain([step])(one, key: AugmentationKey(seed: 5, sample: number))
                let picture = SyntheticSample.mask(of: result.image)
                guard let moved = result.objects.first else {
                    #expect(picture.area < 30)
                    continue
                }
                // Of what a frame's edge leaves, the border is a larger part.
                let wanted = moved.mask.area < 400 ? 0.85 : 0.94
                #expect(SyntheticSample.overlap(moved.mask, picture) > wanted, "\(step.json)")
                // The middle of a disc stays inside it.
                for point in moved.points {
                    #expect(moved.mask.bitmap()[Int(point.y.rounded()), Int(point.x.rounded())])
                }
            }
        }
    }

    /// Masks that share no pixel share none after a warp: each pixel of the result is one pixel of the source.
    @Test func partitionsStayPartitions() throws {
        let (height, width) = (40, 50)
        let halves = (0..<2).map { side in
            AugmentedObject(
                index: side,
                mask: RLE(
                    Bitmap(
                        height: height, width: width,
                        pixels: (0..<height * width).map {
                            ($0 % width + $0 / width) % 3 < 2 ? UInt8(1 - side) : UInt8(side)
                        })))
        }
        let sample = AugmentationSample(image: RGBImage(height: height, width: width), objects: halves)
        let result = try Self.run(
            [["Affine": ["rotate": 17, "scale": 1.2, "p": 1]], ["Perspective": ["p": 1]]], on: sample)
        #expect(result.objects.count == 2)
        #expect(result.objects[0].mask.intersectionArea(result.objects[1].mask) == 0)
    }

    /// A strong reduction is filtered: fine stripes become grey and not coarse stripes.
    @Test func shrinkingFilters() throws {
        let stripes = RGBImage(
            height: 128, width: 128,
            pixels: (0..<128 * 128).flatMap { [UInt8](repeating: $0 % 2 == 0 ? 0 : 255, count: 3) })
        let result = try Self.run(
            [["Affine": ["scale": 0.2, "rotate": 3, "p": 1]]], on: AugmentationSample(image: stripes, objects: []))
        let middle = result.image.cropped(row: 58, column: 58, height: 12, width: 12).pixels
        #expect(middle.allSatisfy { (100...155).contains($0) })
    }
}

/// Images without any order.
enum ImageFuzz {
    static func noise(height: Int, width: Int, seed: UInt64) -> RGBImage {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("noise image"))
        return RGBImage(
            height: height, width: width, pixels: (0..<height * width * 3).map { _ in UInt8(random.index(below: 256)) })
    }
}
