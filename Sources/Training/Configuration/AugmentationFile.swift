internal import Augmentation
internal import Runtime
internal import Yams

/// Reads a chain of augmentation steps from text in YAML: a list of steps, the same below the key `augment`, or the `augment`
/// stages of a file of stages (`stages: [{augment: {steps: [...]}}]`), one after the other.
enum AugmentationFile {
    /// The steps of a text in YAML or JSON, in one spelling.
    ///
    /// - Throws: `TrainingError.configuration` when they are no chain that a training can use.
    static func steps(of text: String) throws(TrainingError) -> String {
        let description = try description(of: text, at: DataLocation())
        do throws(AugmentationError) {
            _ = try AugmentationChain(description)
        } catch {
            throw TrainingError(.configuration, "augment-steps: " + error.message)
        }
        return description.json
    }

    /// The chain of steps that ``steps(of:)`` returned.
    static func chain(ofSteps json: String) -> AugmentationChain {
        do {
            return try AugmentationChain(try description(of: json, at: DataLocation()))
        } catch {
            preconditionFailure("the configuration's augment-steps were checked when they were set: \(error)")
        }
    }

    private static func description(
        of text: String, at location: DataLocation
    ) throws(TrainingError) -> AugmentationValue {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw TrainingError(.configurationSyntax, "is not valid YAML: \("\(error)".prefix(240))", at: location)
        }
        guard let root else { throw TrainingError(.configurationSyntax, "is empty", at: location) }
        guard let mapping = root.mapping else { return try AugmentationValue(root, at: location) }
        if let chain = mapping["augment"] { return try AugmentationValue(chain, at: location) }
        guard let stages = mapping["stages"]?.sequence else { return try AugmentationValue(root, at: location) }
        var chains: [AugmentationValue] = []
        for stage in stages {
            if let settings = stage.mapping?["augment"] {
                chains.append(try AugmentationValue(settings, at: location))
            }
        }
        guard !chains.isEmpty else {
            throw TrainingError(.configurationSyntax, "no stage of the file is augment", at: location)
        }
        return merged(chains)
    }

    /// Several stages as one chain: their steps one after the other, and the rules of the last one that has any.
    private static func merged(_ stages: [AugmentationValue]) -> AugmentationValue {
        var steps: [AugmentationValue] = []
        var rules: [AugmentationMember] = []
        for stage in stages {
            switch stage {
            case .list(let items): steps += items
            case .object(let members):
                for member in members {
                    if member.name == "steps", case .list(let items) = member.value {
                        steps += items
                    } else if member.name.hasPrefix("min_") {
                        // What else a stage says is not about what one draw looks like.
                        rules.removeAll { $0.name == member.name }
                        rules.append(member)
                    }
                }
            default: steps.append(stage)
            }
        }
        return .object([AugmentationMember("steps", .list(steps))] + rules)
    }
}

extension AugmentationValue {
    /// A YAML node as a parameter's value: what YAML takes for a number, truth value or nothing is one.
    ///
    /// - Throws: `TrainingError` for a key that is no word, or for more values than any chain has, as aliases of aliases
    ///   can stand for.
    init(_ node: Node, at location: DataLocation) throws(TrainingError) {
        var budget = 20_000
        self = try Self.value(of: node, at: location, depth: 0, budget: &budget)
    }

    private static func value(
        of node: Node, at location: DataLocation, depth: Int, budget: inout Int
    ) throws(TrainingError) -> AugmentationValue {
        budget -= 1
        guard budget > 0, depth < 64 else {
            throw TrainingError(.configurationSyntax, "has more values, or deeper ones, than a chain has", at: location)
        }
        if let sequence = node.sequence {
            var items: [AugmentationValue] = []
            for item in sequence { items.append(try value(of: item, at: location, depth: depth + 1, budget: &budget)) }
            return .list(items)
        }
        if let mapping = node.mapping {
            var members: [AugmentationMember] = []
            for (key, item) in mapping {
                guard let name = key.string else {
                    throw TrainingError(.configurationSyntax, "a key must be a word", at: location)
                }
                members.append(
                    AugmentationMember(name, try value(of: item, at: location, depth: depth + 1, budget: &budget)))
            }
            return .object(members)
        }
        guard let scalar = node.scalar else { return .null }
        // What is quoted is text.
        guard scalar.style == .plain else { return .text(scalar.string) }
        if node.null != nil || scalar.string.isEmpty { return .null }
        if scalar.string == "true" || scalar.string == "false" { return .bool(scalar.string == "true") }
        return Double(scalar.string).map { .number($0) } ?? .text(scalar.string)
    }
}
