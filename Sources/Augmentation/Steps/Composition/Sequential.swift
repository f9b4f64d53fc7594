internal import Runtime

/// Several steps, all or none.
struct Sequential: AugmentationOperation {
    static let specification = StepSpecification(
        "Sequential", .composition, "The steps one after the other: as one choice of OneOf, or behind one p.",
        [ParameterSpecification("transforms", .steps, nil, "The steps, each applied by its p."), .probability(0.5)])

    private let steps: [AugmentationStep]

    var needsPartners: Bool { steps.contains(where: \.needsPartners) }

    init(_ parameters: StepParameters) { steps = parameters.steps("transforms") }

    func plan(_ footprint: inout AugmentationFootprint) {
        for step in steps { step.plan(&footprint) }
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        for step in steps {
            var nested = random.nested()
            try step.apply(to: &state, random: &nested)
        }
    }
}
