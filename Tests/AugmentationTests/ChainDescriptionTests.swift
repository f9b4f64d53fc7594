import Augmentation
import Testing

@Suite struct ChainDescriptionTests {
    static func failure(_ description: AugmentationValue) -> AugmentationError? {
        do {
            _ = try AugmentationChain(description)
            return nil
        } catch {
            return error
        }
    }

    @Test func namesAndParametersAreRead() throws {
        let chain = try AugmentationChain([
            "HorizontalFlip", ["Affine": ["rotate": [-15, 15], "scale": ["x": [0.8, 1.2]], "p": 0.8]],
            ["OneOf": ["transforms": ["ToGray", ["GaussianBlur": ["sigma_limit": 2]]], "p": 1]],
            ["CLAHE": nil],
        ])
        #expect(chain.steps.map(\.name) == ["HorizontalFlip", "Affine", "OneOf", "CLAHE"])
        #expect(chain.steps.map(\.probability) == [0.5, 0.8, 1, 0.5])
        #expect(!chain.needsPartners)
        let ruled = try AugmentationChain([
            "steps": [["OneOf": ["transforms": ["CopyPaste", "D4"]]]], "min_area": 20, "min_visibility": 0.3,
        ])
        #expect(ruled.dropRule == DropRule(minimumArea: 20, minimumVisibility: 0.3))
        #expect(ruled.needsPartners)
    }

    /// Every step can be made with its defaults once what it needs is stated.
    @Test(arguments: StepCatalogue.specifications)
    func defaultsAreValid(_ specification: StepSpecification) throws {
        // Of max_size and max_size_hw one is wanted.
        let needed = specification.parameters.filter { $0.defaultValue == nil || $0.name == "max_size" }.map {
            parameter -> AugmentationMember in
            switch parameter.kind {
            case .steps: AugmentationMember(parameter.name, ["HorizontalFlip"])
            case .pair: AugmentationMember(parameter.name, [16, 16])
            default: AugmentationMember(parameter.name, 16)
            }
        }
        let step = try AugmentationStep(name: specification.name, parameters: needed)
        #expect(step.name == specification.name)
        // Stating a default is the same as leaving it out.
        let names = Set(needed.map(\.name))
        let stated = specification.parameters.filter { !names.contains($0.name) }.compactMap { parameter in
            parameter.defaultValue.map { AugmentationMember(parameter.name, $0) }
        }
        _ = try AugmentationStep(name: specification.name, parameters: needed + stated)
        #expect(Set(specification.parameters.map(\.name)).count == specification.parameters.count)
        #expect(specification.parameters.last?.name == "p")
    }

    @Test(
        arguments: [
            (["HorizontalFlp"], "augment.step", "did you mean HorizontalFlip?"),
            (["horizontalflip"], "augment.step", "did you mean HorizontalFlip?"),
            (["Nonsense"], "augment.step", "there are HorizontalFlip, "),
            ([["Affine": ["rotat": 5]]], "augment.parameter", "did you mean rotate?"),
            ([["Affine": ["rotate": 5, "rotate": 6]]], "augment.parameter", "twice"),
            ([["Affine": ["rotate": "much"]]], "augment.value", "Affine: rotate is \"much\", wanted: [low, high]"),
            ([["Affine": ["rotate": [5, -5]]]], "augment.value", "rotate is [5, -5]"),
            ([["Affine": ["scale": 0]]], "augment.value", "of 0.01...100"),
            ([["Affine": ["scale": ["x": 1, "z": 1]]]], "augment.value", "{x: …, y: …}"),
            ([["Affine": ["translate_px": 3, "translate_percent": 0.1]]], "augment.value", "both stated"),
            ([["HorizontalFlip": ["p": 1.5]]], "augment.value", "a number of 0...1"),
            ([["HorizontalFlip": ["p": .number(.nan)]]], "augment.value", "p is null"),
            ([["RandomCrop": ["height": 5]]], "augment.value", "RandomCrop needs width"),
            ([["RandomCrop": ["height": 5.5, "width": 5]]], "augment.value", "a whole number"),
            ([["PadIfNeeded": ["position": "left"]]], "augment.value", "one of center, top_left"),
            ([["OneOf": ["transforms": []]]], "augment.value", "a list of steps"),
            ([["OneOf": ["transforms": ["D5"]]]], "augment.step", "step 1: step 1: there is no step D5"),
            ([["OneOf": ["transforms": [["D4": ["p": 0]]]]]], "augment.value", "p 0"),
            ([["SomeOf": ["transforms": ["D4"], "n": 2]]], "augment.value", "n is 2, and there are 1 steps"),
            (
                [["CoarseDropout": ["hole_height_range": [0.5, 3]]]], "augment.value",
                "mixes parts of the image and pixels"
            ),
            ([5], "augment.value", "a step is a number"),
            ([["HorizontalFlip": 5]], "augment.value", "the parameters of HorizontalFlip are a number"),
            ([["D4": [:], "ToGray": [:]]], "augment.value", "one name with its parameters"),
            ("D4", "augment.value", "augmentation is text"),
            (["steps": ["D4"], "min_are": 3], "augment.parameter", "did you mean min_area?"),
            (["min_area": 3], "augment.value", "augment needs steps"),
        ] as [(AugmentationValue, String, String)])
    func mistakesAreExplained(description: AugmentationValue, code: String, phrase: String) throws {
        let error = try #require(Self.failure(description))
        #expect(error.codeName == code)
        #expect(error.message.contains(phrase), "\(error.message)")
    }

    @Test func depthIsBounded() throws {
        var description: AugmentationValue = "D4"
        for _ in 0..<100 { description = ["Sequential": ["transforms": [description]]] }
        let error = try #require(Self.failure([description]))
        #expect(error.message.contains("deep"))
    }
}
