import Augmentation
import Images
import Runtime
import Testing

/// What a plan of memory says of chains of steps holds for what they make.
@Suite struct FootprintTests {
    private static let chains: [AugmentationValue] = [
        [
            "HorizontalFlip", "RandomRotate90",
            ["Affine": ["rotate": [-45, 45], "scale": [0.5, 1.5], "fit_output": true, "p": 1]],
        ],
        [
            ["RandomScale": ["scale_limit": [-0.5, 1], "p": 1]], ["PadIfNeeded": ["min_height": 200, "min_width": 90]],
        ],
        [
            ["LongestMaxSize": ["max_size": [100, 300]]],
            ["RandomCrop": ["height": 64, "width": 80, "pad_if_needed": true]],
        ],
        [["SmallestMaxSize": ["max_size": 90]], ["ElasticTransform": ["p": 1]], ["GaussianBlur": ["p": 1]]],
        [
            [
                "OneOf": [
                    "transforms": [
                        ["Resize": ["height": 30, "width": 400]], ["Resize": ["height": 70, "width": 20]],
                    ], "p": 1,
                ]
            ]
        ],
        [
            [
                "SomeOf": [
                    "transforms": [["RandomScale": ["scale_limit": [0, 0.5], "p": 1]], "Transpose", "ToGray"], "n": 2,
                ]
            ]
        ],
        [["CopyPaste": ["num_objects_range": [1, 2], "p": 1]], ["RandomResizedCrop": ["size": [96, 96]]]],
        [
            ["Mosaic": ["target_size": [150, 170], "cell_shape": [100, 100], "p": 0.5]],
            ["LargeScaleJitter": ["size": [64, 90]]],
        ],
        [
            ["Perspective": ["keep_size": false, "fit_output": true, "p": 1]],
            ["PadIfNeeded": ["pad_height_divisor": 32, "pad_width_divisor": 32]],
        ],
    ]

    @Test(arguments: chains) func noSampleIsLargerThanPlanned(chain value: AugmentationValue) throws {
        let chain = try AugmentationChain(value)
        let sample = SyntheticSample.discs(count: 4)
        let largest = AugmentationFootprint.Sample(pixels: 120 * 160, side: 160, objects: 4)
        let partner = AugmentationFootprint.Sample(pixels: 120 * 160, side: 160, objects: 3)
        let planned = chain.footprint(of: largest, partner: partner)
        #expect(planned.peakBytes >= 6 * max(planned.sample.pixels, 120 * 160))
        var (pixels, objects) = (0, 0)
        for number in 0..<40 as Range<UInt64> {
            let made = try chain(
                sample, key: AugmentationKey(seed: 2, sample: number), partners: MixingTests.partners)
            pixels = max(pixels, made.image.height * made.image.width)
            objects = max(objects, made.objects.count)
            #expect(max(made.image.height, made.image.width) <= planned.sample.side)
        }
        #expect(pixels <= planned.sample.pixels && objects <= planned.sample.objects)
        // Bounds, and no wild ones.
        #expect(planned.sample.pixels <= 16 * pixels, "\(planned.sample.pixels) for \(pixels)")
    }

    /// Steps that are resampled at once hold no frame between them, and steps that are never taken hold nothing.
    @Test func framesThatAreNeverMadeTakeNothing() throws {
        let sample = AugmentationFootprint.Sample(pixels: 1 << 20, side: 1024, objects: 1)
        func peak(_ value: AugmentationValue) throws -> Int {
            try AugmentationChain(value).footprint(of: sample, partner: sample).peakBytes
        }
        let crop: AugmentationValue = ["RandomCrop": ["height": 256, "width": 256]]
        let one = try peak([crop])
        #expect(try peak([["RandomScale": ["scale_limit": [0, 3], "p": 1]], crop]) < one + one / 8)
        #expect(try peak([["RandomScale": ["scale_limit": [0, 3], "p": 1]], "ToGray", crop]) > 4 * one)
        #expect(try peak([["CopyPaste": ["p": 0]], crop]) == one)
        #expect(try peak([["CopyPaste": ["p": 0.1]], crop]) > one)
    }
}
