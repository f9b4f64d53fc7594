/// The JSON Schema of a chain's description.
extension StepCatalogue {
    /// `schemas/augmentation.schema.json` as a value: definitions of every step, of a list of them and of a chain.
    package static var schema: AugmentationValue {
        let steps: AugmentationValue = ["type": "array", "minItems": 1, "items": ["$ref": "#/$defs/step"]]
        let forms: AugmentationValue = [steps, ["$ref": "#/$defs/chain"]]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "augmentation.schema.json",
            "title": "Steps of augmentation: a list, a chain, or either below augment",
            "anyOf": [
                steps, ["$ref": "#/$defs/chain"],
                [
                    "type": "object", "required": ["augment"], "additionalProperties": false,
                    "properties": ["augment": ["anyOf": forms]],
                ],
            ],
            "$defs": .object(
                [
                    AugmentationMember("chain", AugmentationChain.specification.schema),
                    AugmentationMember("step", stepSchema),
                ] + specifications.map { AugmentationMember($0.name, $0.schema) }),
        ]
    }

    /// A step: its name where it needs nothing else, or one name with its parameters.
    private static var stepSchema: AugmentationValue {
        let bare = specifications.filter(\.isPossibleBare)
        let named = specifications.map { specification -> AugmentationValue in
            [
                "type": "object", "required": [.text(specification.name)], "additionalProperties": false,
                "properties": .object([
                    AugmentationMember(specification.name, ["$ref": .text("#/$defs/" + specification.name)])
                ]),
            ]
        }
        return ["anyOf": .list([["enum": .list(bare.map { .text($0.name) })]] + named)]
    }
}

extension StepSpecification {
    /// Parameters of which exactly one is wanted.
    private var alternatives: [String] {
        let names = ["max_size", "max_size_hw"]
        return names.allSatisfy { name in parameters.contains { $0.name == name } } ? names : []
    }

    /// Whether the step is one by its name alone.
    fileprivate var isPossibleBare: Bool {
        alternatives.isEmpty && parameters.allSatisfy { $0.defaultValue != nil }
    }

    /// The schema of a step's parameters.
    fileprivate var schema: AugmentationValue {
        let needed = parameters.filter { $0.defaultValue == nil }.map { AugmentationValue.text($0.name) }
        var members: [AugmentationMember] = [
            AugmentationMember("type", needed.isEmpty && isPossibleBare ? ["object", "null"] : "object"),
            AugmentationMember("description", .text(summary)), AugmentationMember("required", .list(needed)),
            AugmentationMember("additionalProperties", false),
            AugmentationMember("properties", .object(parameters.map { AugmentationMember($0.name, $0.schema) })),
        ]
        if !alternatives.isEmpty {
            // One of them is wanted, and the others are left out or null.
            let choices = alternatives.map { name -> AugmentationValue in
                [
                    "required": [.text(name)],
                    "properties": .object(
                        alternatives.map { other in
                            let wanted: AugmentationValue =
                                other == name ? ["type": ["integer", "array"]] : ["type": "null"]
                            return AugmentationMember(other, wanted)
                        }),
                ]
            }
            members.append(AugmentationMember("oneOf", .list(choices)))
        }
        return .object(members)
    }
}

extension ParameterSpecification {
    fileprivate var schema: AugmentationValue {
        var members: [AugmentationMember] = []
        if defaultValue == .null {
            // Left out, or stated as nothing: it stands for itself.
            members.append(AugmentationMember("anyOf", [.object(kind.schema), ["type": "null"]]))
        } else {
            members += kind.schema
            if let defaultValue { members.append(AugmentationMember("default", defaultValue)) }
        }
        return .object(members + [AugmentationMember("description", .text(summary))])
    }
}

extension ParameterKind {
    /// The schema's members for a value of this kind.
    fileprivate var schema: [AugmentationMember] {
        func number(_ range: ClosedRange<Double>, _ type: String = "number") -> AugmentationValue {
            .object(Self.bounds(type, range.lowerBound, range.upperBound))
        }
        func whole(_ range: ClosedRange<Int>) -> AugmentationValue {
            .object(Self.bounds("integer", Double(range.lowerBound), Double(range.upperBound)))
        }
        func list(of item: AugmentationValue, count: Int) -> AugmentationValue {
            let count = AugmentationValue.number(Double(count))
            return ["type": "array", "items": item, "minItems": count, "maxItems": count]
        }
        func interval(_ range: ClosedRange<Double>, _ single: Single, _ type: String = "number") -> [AugmentationValue]
        {
            [number(single.range(within: range), type), list(of: number(range, type), count: 2)]
        }
        func any(_ forms: [AugmentationValue]) -> [AugmentationMember] { [AugmentationMember("anyOf", .list(forms))] }
        switch self {
        case .number(let range): return Self.bounds("number", range.lowerBound, range.upperBound)
        case .integer(let range): return Self.bounds("integer", Double(range.lowerBound), Double(range.upperBound))
        case .flag: return [AugmentationMember("type", "boolean")]
        case .choice(let words, let codes):
            let numbers = codes.keys.sorted().map { AugmentationValue.number(Double($0)) }
            return [AugmentationMember("enum", .list(words.map { .text($0) } + numbers))]
        case .interval(let range, let single): return any(interval(range, single))
        case .wholeInterval(let range, let single):
            return any(interval(Double(range.lowerBound)...Double(range.upperBound), single, "integer"))
        case .axes(let range, let single):
            let one = interval(range, single)
            let axis: AugmentationValue = ["anyOf": .list(one)]
            return any(
                one + [["type": "object", "additionalProperties": false, "properties": ["x": axis, "y": axis]]])
        case .pair(let range):
            guard case .object(let members) = list(of: whole(range), count: 2) else { return [] }
            return members
        case .sides(let range):
            let side: AugmentationValue = ["anyOf": [whole(range), ["type": "null"]]]
            guard case .object(let members) = list(of: side, count: 2) else { return [] }
            return members + [AugmentationMember("contains", ["type": "integer"])]
        case .integers(let range): return any([whole(range), ["type": "array", "minItems": 1, "items": whole(range)]])
        case .colour: return any([number(0...255), list(of: whole(0...255), count: 3)])
        case .only(let values): return [AugmentationMember("enum", .list(values.isEmpty ? [.null] : values))]
        case .steps:
            return [
                AugmentationMember("type", "array"), AugmentationMember("minItems", 1),
                AugmentationMember("items", ["$ref": "#/$defs/step"]),
            ]
        }
    }

    private static func bounds(_ type: String, _ low: Double, _ high: Double) -> [AugmentationMember] {
        [
            AugmentationMember("type", .text(type)), AugmentationMember("minimum", .number(low)),
            AugmentationMember("maximum", .number(high)),
        ]
    }
}
