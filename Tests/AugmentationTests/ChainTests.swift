import Augmentation
import Images
import Masks
import Runtime
import TestSupport
import Testing

/// Chains as a whole: draws, odd inputs, what is dropped.
@Suite struct ChainTests {
    /// Every step once, with sizes that suit small images.
    static let everyStep: [AugmentationValue] = StepCatalogue.specifications.map { specification in
        var parameters = specification.parameters.filter { $0.defaultValue == nil || $0.name == "max_size" }.map {
            parameter in
            switch parameter.kind {
            case .steps: AugmentationMember(parameter.name, ["D4", "ToGray", ["Affine": ["rotate": [-40, 40]]]])
            case .pair: AugmentationMember(parameter.name, [24, 31])
            default: AugmentationMember(parameter.name, 23)
            }
        }
        if specification.parameters.contains(where: { $0.name == "pad_if_needed" }) {
            parameters.append(AugmentationMember("pad_if_needed", true))
        }
        if specification.name == "CropNonEmptyMaskIfExists" {
            parameters = [AugmentationMember("height", 1), AugmentationMember("width", 1)]
        }
        if ["LargeScaleJitter", "Mosaic"].contains(specification.name) {
            let name = specification.name == "Mosaic" ? "target_size" : "size"
            parameters.append(AugmentationMember(name, [40, 50]))
        }
        if specification.name == "Mosaic" { parameters.append(AugmentationMember("cell_shape", [30, 30])) }
        if specification.name == "PadIfNeeded" {
            parameters += [AugmentationMember("min_height", 90), AugmentationMember("min_width", 70)]
        }
        if specification.name == "ElasticTransform" {
            parameters += [AugmentationMember("alpha", 40), AugmentationMember("sigma", 4)]
        }
        parameters.append(AugmentationMember("p", 1))
        return .object([AugmentationMember(specification.name, .object(parameters))])
    }

    static let partners = AugmentationPartners(count: 5) {
        SyntheticSample.discs(height: 60 + 10 * $0, width: 90, count: 2, seed: UInt64($0), radius: 9)
    }

    static func check(_ result: AugmentedSample, _ note: String) {
        for object in result.objects {
            #expect(object.mask.height == result.image.height && object.mask.width == result.image.width, "\(note)")
            #expect(!object.mask.isEmpty, "\(note)")
            #expect(
                object.points.allSatisfy {
                    $0.x >= -0.5 && $0.y >= -0.5 && $0.x < Double(result.image.width) - 0.5
                        && $0.y < Double(result.image.height) - 0.5
                }, "\(note)")
        }
    }

    @Test(arguments: everyStep)
    func everyStepIsAFunctionOfItsKey(step: AugmentationValue) throws {
        let sample = SyntheticSample.discs()
        let chain = try AugmentationChain([step])
        let results = try atEveryWorkerCount {
            // Samples in parallel, and one of them alone, parallel inside.
            try Workers.map(4) {
                try chain(sample, key: AugmentationKey(seed: 1, epoch: 2, sample: UInt64($0)), partners: Self.partners)
            } + [try chain(sample, key: AugmentationKey(seed: 1, epoch: 2, sample: 2), partners: Self.partners)]
        }
        for result in results {
            #expect(result == results[0])
            #expect(result[4] == result[2])
        }
        for result in results[0] { Self.check(result, step.json) }
    }

    /// What a step draws depends neither on what the steps before it draw nor on the order of samples.
    @Test func stepsHaveDrawsOfTheirOwn() throws {
        let sample = SyntheticSample.discs()
        func run(_ first: AugmentationValue, _ number: UInt64) throws -> AugmentedSample {
            try AugmentationChain([first, ["RandomCrop": ["height": 30, "width": 30]]])(
                sample, key: AugmentationKey(seed: 9, sample: number))
        }
        for number in 0..<8 as Range<UInt64> {
            let a = try run(["RandomGamma": ["gamma_limit": [100, 100], "p": 1]], number)
            let b = try run(["CoarseDropout": ["p": 0]], number)
            #expect(a == b)
        }
        let crops = Set(try (0..<8).map { try run("ToGray", $0).image.pixels })
        // Two of them may show nothing but ground.
        #expect(crops.count >= 6)
        let epochs = try (0..<4 as Range<UInt64>).map { epoch in
            try AugmentationChain([["Affine": ["rotate": [-90, 90], "p": 1]]])(
                sample, key: AugmentationKey(seed: 9, epoch: epoch, sample: 0)
            ).image
        }
        #expect(Set(epochs).count == 4)
    }

    @Test func probabilityIsKept() throws {
        let sample = AugmentationSample(image: ImageFuzz.noise(height: 3, width: 3, seed: 1), objects: [])
        let chain = try AugmentationChain([["HorizontalFlip": ["p": 0.3]]])
        let flipped = try (0..<2000 as Range<UInt64>).filter {
            try chain(sample, key: AugmentationKey(seed: 2, sample: $0)).image != sample.image
        }
        // Five deviations of a binomial distribution.
        #expect(abs(Double(flipped.count) - 600) < 103)
    }

    @Test func choicesFollowTheirWeights() throws {
        let sample = AugmentationSample(image: ImageFuzz.noise(height: 3, width: 3, seed: 1), objects: [])
        let chain = try AugmentationChain([
            [
                "OneOf": [
                    "transforms": [["HorizontalFlip": ["p": 0.2]], ["VerticalFlip": ["p": 0.6]], ["D4": ["p": 0]]],
                    "p": 1,
                ]
            ]
        ])
        let horizontal = try (0..<2000 as Range<UInt64>).filter {
            try chain(sample, key: AugmentationKey(seed: 2, sample: $0)).image
                == DihedralTransform.flipHorizontal(sample.image)
        }
        #expect(abs(Double(horizontal.count) - 500) < 97)
        let some = try AugmentationChain([
            [
                "SomeOf": [
                    "transforms": [["HorizontalFlip": ["p": 1]], ["VerticalFlip": ["p": 1]], ["Transpose": ["p": 1]]],
                    "n": 2,
                ]
            ]
        ])
        let results = Set(
            try (0..<200 as Range<UInt64>).map { try some(sample, key: AugmentationKey(seed: 3, sample: $0)).image })
        let pairs: [(DihedralTransform, DihedralTransform)] = [
            (.flipHorizontal, .flipVertical), (.flipHorizontal, .transpose), (.flipVertical, .transpose),
        ]
        #expect(results == Set(pairs.map { $0.followed(by: $1)(sample.image) }))
    }

    /// Images of one pixel, one row, one column, without objects, with empty masks and crowds, through every step.
    @Test(arguments: [(1, 1), (1, 200), (200, 1), (2, 2), (3, 61), (64, 2)])
    func oddSizesAreSurvived(height: Int, width: Int) throws {
        let whole = RLE(Bitmap(height: height, width: width, pixels: [UInt8](repeating: 1, count: height * width)))
        let sample = AugmentationSample(
            image: ImageFuzz.noise(height: height, width: width, seed: 4),
            objects: [
                AugmentedObject(index: 0, mask: try RLE(height: height, width: width)),
                AugmentedObject(index: 1, isCrowd: true, mask: whole, points: [.init(x: 0, y: 0)]),
                AugmentedObject(
                    index: 2, mask: try RLE(height: height, width: width, counts: [0, 1, height * width - 1])),
            ])
        for step in Self.everyStep {
            for number in 0..<3 as Range<UInt64> {
                let key = AugmentationKey(seed: 8, sample: number)
                let result = try AugmentationChain([step])(sample, key: key, partners: Self.partners)
                Self.check(result, step.json)
                let bare = try AugmentationChain([step])(
                    AugmentationSample(image: sample.image, objects: []), key: key, partners: Self.partners)
                Self.check(bare, step.json)
            }
        }
        // All steps in one chain as well, as far as their sizes allow.
        let chain = try AugmentationChain(.list(Self.everyStep.filter { !$0.json.contains("CropNonEmpty") }))
        Self.check(try chain(sample, key: AugmentationKey(seed: 8, sample: 5), partners: Self.partners), "all")
    }

    @Test func everyObjectIsKeptOrDroppedOnce() throws {
        let sample = SyntheticSample.discs(count: 6, seed: 12)
        let chain = try AugmentationChain([
            "steps": [
                ["RandomCrop": ["height": 50, "width": 60]],
                ["Affine": ["rotate": [-180, 180], "scale": 0.7, "p": 1]],
            ],
            "min_area": 60, "min_visibility": 0.4, "min_width": 5,
        ])
        var rules: Set<DroppedObject.Rule> = []
        for number in 0..<60 as Range<UInt64> {
            let result = try chain(sample, key: AugmentationKey(seed: 1, sample: number))
            let seen = result.objects.map(\.index) + result.dropped.map(\.index)
            #expect(seen.sorted() == Array(0..<6))
            #expect(result.objects.map(\.index) == result.objects.map(\.index).sorted())
            for object in result.objects {
                // The whole disc has about pi r^2 pixels, times the area of the scaling.
                #expect(Double(object.mask.area) > 0.4 * 0.49 * Double(sample.objects[object.index].mask.area) - 15)
                #expect(object.box.width >= 5)
            }
            rules.formUnion(result.dropped.map(\.rule))
        }
        #expect(rules.isSuperset(of: [.outside, .visibility]))
    }

    @Test func cropOfASmallImageSaysWhatToDo() throws {
        let sample = SyntheticSample.discs()
        #expect {
            try AugmentationChain([["RandomCrop": ["height": 500, "width": 20]]])(
                sample, key: AugmentationKey(seed: 1, sample: 1))
        } throws: { error in
            (error as? AugmentationError)?.codeName == "augment.size" && "\(error)".contains("PadIfNeeded")
        }
    }

    /// A frame that no image may have is an error and not an allocation.
    @Test func paddingIsBounded() throws {
        let long = AugmentationSample(image: RGBImage(height: 1, width: 20_000), objects: [])
        #expect {
            try AugmentationChain([["PadIfNeeded": ["min_height": 16_384]]])(
                long, key: AugmentationKey(seed: 1, sample: 1))
        } throws: { error in (error as? AugmentationError)?.codeName == "augment.size" }
    }

    /// What is seen of an object is told from what it would have, also where a perspective makes it larger here and
    /// smaller there.
    @Test func perspectiveKeepsWholeObjects() throws {
        let sample = SyntheticSample.discs(count: 5, seed: 9, radius: 8)
        let chain = try AugmentationChain([
            "steps": [["Perspective": ["scale": [0.1, 0.1], "fit_output": true, "keep_size": false, "p": 1]]],
            "min_visibility": 0.8,
        ])
        for number in 0..<20 as Range<UInt64> {
            let result = try chain(sample, key: AugmentationKey(seed: 1, sample: number))
            #expect(result.objects.count == 5 && result.dropped.isEmpty)
        }
    }

    @Test func partnersAreNeeded() throws {
        #expect {
            try AugmentationChain(["CopyPaste"])(SyntheticSample.discs(), key: AugmentationKey(seed: 1, sample: 1))
        } throws: { error in (error as? AugmentationError)?.codeName == "augment.partners" }
    }
}
