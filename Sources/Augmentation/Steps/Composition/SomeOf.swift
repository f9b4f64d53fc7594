internal import Runtime

/// Some of several steps.
struct SomeOf: AugmentationOperation {
    static let specification = StepSpecification(
        "SomeOf", .composition, "Some of the steps are drawn, and applied in their order in the list.",
        [
            ParameterSpecification("transforms", .steps, nil, "The steps; each drawn one is applied by its p."),
            ParameterSpecification("n", .integer(1...1000), 1, "How many are drawn."),
            ParameterSpecification("replace", .flag, false, "Whether a step may be drawn more than once."),
            .probability(1),
        ])

    private let steps: [AugmentationStep]
    private let count: Int
    private let replaces: Bool

    var needsPartners: Bool { steps.contains(where: \.needsPartners) }

    init(_ parameters: StepParameters) throws(AugmentationError) {
        steps = parameters.steps("transforms")
        count = parameters.integer("n")
        replaces = parameters.flag("replace")
        if !replaces && count > steps.count {
            throw AugmentationError(.value, "SomeOf: n is \(count), and there are \(steps.count) steps")
        }
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        for step in steps {
            for _ in 0..<(replaces ? count : 1) { footprint.choose([step.plan], orNone: true) }
        }
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        let drawn =
            replaces
            ? (0..<count).map { _ in random.index(below: steps.count) }
            : Array(random.permutation(steps.count).prefix(count))
        for index in drawn.sorted() {
            var nested = random.nested()
            try steps[index].apply(to: &state, random: &nested)
        }
    }
}
