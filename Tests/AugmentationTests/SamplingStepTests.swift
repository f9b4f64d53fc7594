import Augmentation
import Images
import Masks
import Runtime
import TestSupport
import Testing

/// `interpolation` and `border_mode` of geometric steps.
@Suite struct SamplingStepTests {
    private static let borders = ["constant", "reflect", "reflect_101", "replicate", "wrap"]

    /// Steps that show what is outside of the image.
    private static func steps(_ border: String, _ interpolation: String) -> [[AugmentationValue]] {
        let (mode, kind) = (AugmentationValue.text(border), AugmentationValue.text(interpolation))
        return [
            [["Affine": ["rotate": 33, "scale": 0.6, "interpolation": kind, "border_mode": mode, "p": 1]]],
            [["Affine": ["scale": 0.37, "translate_px": 11, "interpolation": kind, "border_mode": mode, "p": 1]]],
            [["Rotate": ["limit": [40, 40], "interpolation": kind, "border_mode": mode, "p": 1]]],
            [["ShiftScaleRotate": ["scale_limit": [-0.5, -0.5], "interpolation": kind, "border_mode": mode, "p": 1]]],
            [["Perspective": ["fit_output": true, "interpolation": kind, "border_mode": mode, "p": 1]]],
            [["ElasticTransform": ["alpha": 600, "sigma": 8, "interpolation": kind, "border_mode": mode, "p": 1]]],
            [["PadIfNeeded": ["min_height": 300, "min_width": 500, "border_mode": mode]]],
            [
                [
                    "LargeScaleJitter": [
                        "size": [90, 130], "scale": [0.4, 0.5], "interpolation": kind, "border_mode": mode,
                    ]
                ]
            ],
            [
                ["HorizontalFlip": ["p": 1]], ["Transpose": ["p": 1]],
                ["RandomCrop": ["height": 200, "width": 90, "pad_if_needed": true, "border_mode": mode]],
            ],
        ]
    }

    /// A picture of the masks, in which a pixel is white where an object is: with the nearest pixel, masks and picture go
    /// the same way, whatever lies outside.
    @Test(arguments: borders) func masksGoWithThePicture(border: String) throws {
        let sample = SyntheticSample.discs(count: 3)
        let union = try RLE.union(sample.objects.map(\.mask))
        let painted = AugmentationSample(image: SyntheticSample.picture(of: union), objects: sample.objects)
        for steps in Self.steps(border, "nearest") {
            let result = try FusedGeometryTests.run(.list(steps), on: painted)
            let masks = try RLE.union(result.objects.map(\.mask))
            let off = zip(SyntheticSample.picture(of: masks).pixels, result.image.pixels).count { $0 != $1 }
            // Places on the edge between two pixels are rounded apart by the last bit.
            #expect(off <= 3 * 6, "\(border) \(steps): \(off / 3) pixels")
            #expect(!result.objects.isEmpty, "\(steps)")
        }
    }

    /// An object near an edge has its mirror image in its mask.
    @Test func paddedMasksAreExtended() throws {
        let sample = SyntheticSample.discs(height: 40, width: 50, count: 1, radius: 10)
        func padded(_ border: AugmentationValue) throws -> (area: Int, corner: RGBColour) {
            let result = try FusedGeometryTests.run(
                [["PadIfNeeded": ["min_height": 120, "min_width": 150, "border_mode": border, "fill": 7]]], on: sample)
            return (result.objects[0].mask.area, result.image[0, 0])
        }
        let area = sample.objects[0].mask.area
        #expect(try padded("constant").area == area && padded("constant").corner == RGBColour(7, 7, 7))
        // Three times the image along each axis: nine copies.
        #expect(try padded("reflect").area == 9 * area && padded("wrap").area == 9 * area)
        #expect(try padded("replicate").area == area && padded("replicate").corner == RGBColour.black)
    }

    /// Steps in a row make what they make one by one, also where a border or an interpolation is stated.
    @Test(arguments: borders) func fusedStepsAreTheStepsOneByOne(border: String) throws {
        let mode = AugmentationValue.text(border)
        let sample = AugmentationSample(
            image: SyntheticSample.waves(height: 60, width: 80),
            objects: SyntheticSample.discs(height: 60, width: 80, count: 2).objects)
        let chains: [[AugmentationValue]] = [
            [
                ["CenterCrop": ["height": 40, "width": 40]],
                ["Resize": ["height": 57, "width": 71, "interpolation": "cubic"]],
            ],
            [
                ["Resize": ["height": 57, "width": 71, "interpolation": "lanczos"]],
                ["PadIfNeeded": ["min_height": 100, "min_width": 100, "border_mode": mode]],
                ["HorizontalFlip": ["p": 1]],
            ],
            [
                ["HorizontalFlip": ["p": 1]], ["CenterCrop": ["height": 40, "width": 51]],
                ["Affine": ["rotate": 25, "border_mode": mode, "interpolation": "linear", "p": 1]],
                ["Transpose": ["p": 1]],
                ["CenterCrop": ["height": 30, "width": 31]],
            ],
            [
                ["PadIfNeeded": ["min_height": 90, "min_width": 90, "border_mode": mode]],
                ["PadIfNeeded": ["min_height": 120, "min_width": 130, "border_mode": "reflect_101"]],
                ["Resize": ["height": 51, "width": 49, "interpolation": "area"]],
            ],
            [
                ["Resize": ["height": 31, "width": 29, "interpolation": "area"]],
                ["Resize": ["height": 50, "width": 50]],
            ],
        ]
        for steps in chains {
            let fused = try FusedGeometryTests.run(.list(steps), on: sample)
            let single = try FusedGeometryTests.oneByOne(steps, on: sample)
            try #require(fused.image.height == single.image.height && fused.image.width == single.image.width)
            // One product of matrices and several round apart by the last bit.
            let worst = zip(fused.image.pixels, single.image.pixels).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
            #expect(worst <= 1, "\(border) \(steps): \(worst)")
            try #require(fused.objects.count == single.objects.count)
            for (a, b) in zip(fused.objects, single.objects) {
                #expect(try RLE.symmetricDifference([a.mask, b.mask]).area <= 3, "\(border) \(steps)")
            }
        }
    }

    /// The kinds differ, nearest makes no new colour, and the usual one is what steps do that say nothing.
    @Test func kindsAreWhatTheyAreCalled() throws {
        let sample = AugmentationSample(image: SyntheticSample.waves(height: 50, width: 70), objects: [])
        func resized(_ kind: AugmentationValue?) throws -> RGBImage {
            var members = [AugmentationMember("height", 23), AugmentationMember("width", 31)]
            if let kind { members.append(AugmentationMember("interpolation", kind)) }
            return try FusedGeometryTests.run(
                .list([.object([AugmentationMember("Resize", .object(members))])]), on: sample
            ).image
        }
        let images = try ["nearest", "linear", "cubic", "area", "lanczos", "auto"].map { try resized(.text($0)) }
        #expect(Set(images).count == 6)
        #expect(try resized(nil) == images[5])
        let colours = Set((0..<50 * 70).map { sample.image[$0 / 70, $0 % 70] })
        #expect((0..<23 * 31).allSatisfy { colours.contains(images[0][$0 / 31, $0 % 31]) })
        #expect(throws: AugmentationError.self) { try resized("bicubic") }
        #expect(throws: AugmentationError.self) {
            try AugmentationChain([["Rotate": ["border_mode": "mirror"]]])
        }
    }

    /// `max_size_hw` as albumentations 2.0.8 has it: within both sides, or covering both.
    @Test(
        arguments: [
            ("LongestMaxSize", [20, 20], 14, 20), ("LongestMaxSize", [20, nil], 20, 28),
            ("LongestMaxSize", [nil, 35], 25, 35), ("SmallestMaxSize", [20, 20], 20, 28),
            ("SmallestMaxSize", [nil, 35], 25, 35), ("SmallestMaxSize", [30, 21], 30, 42),
        ] as [(String, AugmentationValue, Int, Int)])
    func heightAndWidthMayBeStated(step: String, sides: AugmentationValue, height: Int, width: Int) throws {
        let sample = AugmentationSample(image: SyntheticSample.waves(height: 50, width: 70), objects: [])
        let parameters: AugmentationValue = ["max_size_hw": sides]
        let result = try FusedGeometryTests.run(.list([.object([AugmentationMember(step, parameters)])]), on: sample)
        #expect(result.image.height == height && result.image.width == width)
    }

    /// Linear stated is what steps do that say nothing, where nothing shrinks; pixels that move as they are stay so by every
    /// interpolation.
    @Test func statedInterpolationsTakeTheQuickWay() throws {
        let sample = AugmentationSample(image: SyntheticSample.waves(height: 50, width: 70), objects: [])
        func run(_ rotate: Double, _ kind: AugmentationValue) throws -> RGBImage {
            try FusedGeometryTests.run(
                [["Affine": ["rotate": .number(rotate), "interpolation": kind, "p": 1]]], on: sample
            ).image
        }
        #expect(try run(30, "linear") == run(30, "auto"))
        #expect(try run(30, "linear") != run(30, "cubic"))
        for kind in ["nearest", "linear", "cubic", "area", "lanczos"] as [AugmentationValue] {
            #expect(try run(180, kind) == run(180, "auto"))
        }
    }

    @Test(arguments: borders) func threadsChangeNothing(border: String) throws {
        let sample = SyntheticSample.discs()
        for kind in ["cubic", "auto"] {
            for steps in Self.steps(border, kind) {
                let results = try atEveryWorkerCount { try FusedGeometryTests.run(.list(steps), on: sample) }
                for result in results {
                    #expect(result.image == results[0].image && result.objects == results[0].objects)
                }
            }
        }
    }
}
