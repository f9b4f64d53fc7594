private import Runtime

/// One step of a chain: an operation, and how often it is applied.
package struct AugmentationStep: Sendable {
    /// As in albumentations 2.0 where that has it.
    package let name: String
    /// The chance that the step is applied, 0...1.
    package let probability: Double
    /// What is done.
    let operation: any AugmentationOperation

    /// Steps within steps go no deeper than this, so that a hostile file cannot exhaust the stack.
    private static let maximumDepth = 8

    /// - Parameters:
    ///   - name: such as `HorizontalFlip`; ``StepCatalogue`` lists all.
    ///   - parameters: by name, as in albumentations 2.0; what is left out has its default.
    /// - Throws: `AugmentationError` for an unknown name (with a suggestion), or a value that is not possible.
    package init(name: String, parameters: [AugmentationMember] = []) throws(AugmentationError) {
        try self.init(name: name, parameters: parameters, depth: 0)
    }

    /// - Parameter description: the name alone, or an object with one name, whose value is the parameters:
    ///   `HorizontalFlip`, `{HorizontalFlip: {p: 0.5}}`.
    /// - Throws: `AugmentationError`.
    package init(_ description: AugmentationValue) throws(AugmentationError) {
        try self.init(description, depth: 0)
    }

    private init(_ description: AugmentationValue, depth: Int) throws(AugmentationError) {
        switch description {
        case .text(let name): try self.init(name: name, parameters: [], depth: depth)
        case .object(let members) where members.count == 1:
            switch members[0].value {
            case .null: try self.init(name: members[0].name, parameters: [], depth: depth)
            case .object(let parameters): try self.init(name: members[0].name, parameters: parameters, depth: depth)
            default:
                throw AugmentationError(
                    .value,
                    "the parameters of \(members[0].name) are \(members[0].value.kindName); names with values are wanted"
                )
            }
        default:
            throw AugmentationError(
                .value,
                "a step is \(description.kindName)"
                    + "; wanted is its name, or one name with its parameters, such as {HorizontalFlip: {p: 0.5}}")
        }
    }

    private init(name: String, parameters: [AugmentationMember], depth: Int) throws(AugmentationError) {
        guard depth <= Self.maximumDepth else {
            throw AugmentationError(.value, "steps lie within steps more than \(Self.maximumDepth) deep")
        }
        guard let type = StepCatalogue.type(named: name) else {
            let hint =
                NameSuggestion.nearest(to: name, among: StepCatalogue.specifications.map(\.name))
                .map { "; did you mean \($0)?" } ?? "; there are "
                + StepCatalogue.specifications.map(\.name).joined(separator: ", ")
            throw AugmentationError(.unknownStep, "there is no step \(name)\(hint)")
        }
        let values = try StepParameters(parameters, for: type.specification, depth: depth)
        self.name = name
        probability = values.number("p")
        operation = try type.init(values)
    }

    /// The steps of a list, each place named in what goes wrong.
    static func list(_ items: [AugmentationValue], depth: Int) throws(AugmentationError) -> [AugmentationStep] {
        var steps: [AugmentationStep] = []
        for (index, item) in items.enumerated() {
            do throws(AugmentationError) {
                steps.append(try AugmentationStep(item, depth: depth))
            } catch {
                var located = error
                located.message = "step \(index + 1): " + error.message
                throw located
            }
        }
        return steps
    }

    /// Whether it, or a step within it, takes other samples.
    var needsPartners: Bool { operation.needsPartners }
}
