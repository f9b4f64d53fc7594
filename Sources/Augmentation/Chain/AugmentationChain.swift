internal import Images
internal import Masks
internal import Runtime

/// A chain of augmentation steps, with names and parameters as in albumentations 2.0.
///
/// One matrix moves image, masks and points alike; geometric steps in a row become one resampling, so that pixels are
/// blended once. Masks are the truth: boxes follow from them. What a chain makes of a sample is a pure function of the
/// sample, its partners and the ``AugmentationKey``.
package struct AugmentationChain: Sendable {
    package let steps: [AugmentationStep]
    package let dropRule: DropRule

    package init(steps: [AugmentationStep], dropRule: DropRule = DropRule()) {
        self.steps = steps
        self.dropRule = dropRule
    }

    /// - Parameter description: a list of steps (see ``AugmentationStep/init(_:)``), or an object with the list as `steps`
    ///   and any of `min_area`, `min_visibility`, `min_width`, `min_height`.
    /// - Throws: `AugmentationError`.
    package init(_ description: AugmentationValue) throws(AugmentationError) {
        switch description {
        case .list(let items):
            guard !items.isEmpty else {
                throw AugmentationError(.value, "augmentation is an empty list; wanted is at least one step")
            }
            self.init(steps: try AugmentationStep.list(items, depth: 0))
        case .object(let members):
            let values = try StepParameters(members, for: Self.specification, depth: -1)
            self.init(
                steps: values.steps("steps"),
                dropRule: DropRule(
                    minimumArea: values.integer("min_area"), minimumVisibility: values.number("min_visibility"),
                    minimumWidth: values.integer("min_width"), minimumHeight: values.integer("min_height")))
        default:
            throw AugmentationError(
                .value,
                "augmentation is \(description.kindName)"
                    + "; wanted is a list of steps, or an object with steps and the rule for what is dropped")
        }
    }

    /// What a chain's description as an object may say.
    package static let specification = StepSpecification(
        "augment", .composition, "A chain of steps, and when an object counts as lost.",
        [ParameterSpecification("steps", .steps, nil, "The steps, in order.")] + DropRule.parameters)

    /// Whether a step takes parts of other samples, so that the chain needs partners.
    package var needsPartners: Bool { steps.contains(where: \.needsPartners) }

    /// The changed sample.
    /// - Parameters:
    ///   - sample: an image with its objects.
    ///   - key: what the draws depend on.
    ///   - partners: the samples that steps may take parts of.
    /// - Throws: `AugmentationError` when a step needs partners and there are none, or cannot work on the image's size;
    ///   what `partners` throws; `ImageError` from JPEG compression.
    package func callAsFunction(
        _ sample: AugmentationSample, key: AugmentationKey, partners: AugmentationPartners = .none
    ) throws -> AugmentedSample {
        if needsPartners && partners.count == 0 {
            throw AugmentationError(.noPartners, "a step takes parts of other samples, and there are none")
        }
        var state = AugmentationState(sample, partners: partners, dropRule: dropRule)
        for (index, step) in steps.enumerated() {
            var random = key.random(step: index)
            try step.apply(to: &state, random: &random)
        }
        return state.finished()
    }
}

extension AugmentationStep {
    /// Draws whether it is applied, and applies it.
    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        guard random.uniform() < probability else { return }
        try operation.apply(to: &state, random: &random)
    }
}
