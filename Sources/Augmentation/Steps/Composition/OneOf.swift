internal import Runtime

/// One of several steps.
struct OneOf: AugmentationOperation {
    static let specification = StepSpecification(
        "OneOf", .composition, "One of the steps is applied; each is chosen as often as its p says.",
        [
            ParameterSpecification("transforms", .steps, nil, "The steps; their p are weights here."),
            .probability(0.5),
        ])

    private let steps: [AugmentationStep]

    var needsPartners: Bool { steps.contains(where: \.needsPartners) }

    init(_ parameters: StepParameters) throws(AugmentationError) {
        steps = parameters.steps("transforms")
        if steps.allSatisfy({ $0.probability == 0 }) {
            throw AugmentationError(.value, "OneOf: every step has p 0, so that none can be chosen")
        }
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        footprint.choose(
            steps.filter { $0.probability > 0 }.map { step in { step.operation.plan(&$0) } }, orNone: false)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        let total = steps.reduce(0) { $0 + $1.probability }
        var place = random.uniform() * total
        var nested = random.nested()
        for step in steps {
            place -= step.probability
            if place < 0 { return try step.operation.apply(to: &state, random: &nested) }
        }
        // Rounding can leave a sliver after the last one.
        if let last = steps.last(where: { $0.probability > 0 }) {
            try last.operation.apply(to: &state, random: &nested)
        }
    }
}
