internal import Images
private import Runtime

/// The parameters of one step, checked against its specification; what is not stated has its default.
///
/// Reading one that the specification does not have, or as another kind, is a mistake of the step's code and traps.
struct StepParameters {
    let specification: StepSpecification
    private let values: [String: AugmentationValue]
    /// The steps within, for a parameter that is a list of steps.
    private var children: [String: [AugmentationStep]] = [:]

    /// - Throws: `AugmentationError` for a name that the step does not have or that comes twice, a value of the wrong kind
    ///   or out of range, or one that is missing.
    init(
        _ members: [AugmentationMember], for specification: StepSpecification, depth: Int
    ) throws(AugmentationError) {
        self.specification = specification
        var values: [String: AugmentationValue] = [:]
        for member in members {
            guard let parameter = specification.parameters.first(where: { $0.name == member.name }) else {
                throw Self.unknown(member.name, specification)
            }
            guard values[member.name] == nil else {
                throw AugmentationError(
                    .unknownParameter, "\(specification.name) states \(member.name) twice; once is enough")
            }
            if case .null = member.value, parameter.defaultValue != nil { continue }
            try parameter.kind.check(member.value, of: "\(specification.name): \(member.name)")
            values[member.name] = parameter.kind.plain(member.value)
            if case .steps = parameter.kind, case .list(let items) = member.value {
                children[member.name] = try AugmentationStep.list(items, depth: depth + 1)
            }
        }
        for parameter in specification.parameters where values[parameter.name] == nil {
            guard let value = parameter.defaultValue else {
                throw AugmentationError(
                    .value, "\(specification.name) needs \(parameter.name): \(parameter.kind.phrase)")
            }
            values[parameter.name] = value
        }
        self.values = values
    }

    private static func unknown(_ name: String, _ specification: StepSpecification) -> AugmentationError {
        let known = specification.parameters.map(\.name)
        let hint = NameSuggestion.nearest(to: name, among: known).map { "; did you mean \($0)" } ?? ""
        return AugmentationError(
            .unknownParameter,
            "\(specification.name) has no parameter \(name)\(hint)? It has \(known.joined(separator: ", "))")
    }

    private func parameter(_ name: String) -> (kind: ParameterKind, value: AugmentationValue) {
        guard let found = specification.parameters.first(where: { $0.name == name }), let value = values[name] else {
            preconditionFailure("\(specification.name) has no parameter \(name)")
        }
        return (found.kind, value)
    }

    /// Whether a parameter that may be left out was stated.
    func has(_ name: String) -> Bool { parameter(name).value != .null }

    func number(_ name: String) -> Double {
        guard case .number(let number) = parameter(name).value else {
            preconditionFailure("\(specification.name): \(name) is no number")
        }
        return number
    }

    func integer(_ name: String) -> Int { Int(number(name)) }

    func flag(_ name: String) -> Bool { parameter(name).value == .bool(true) }

    func word(_ name: String) -> String {
        guard case .text(let text) = parameter(name).value else {
            preconditionFailure("\(specification.name): \(name) is no text")
        }
        return text
    }

    func interval(_ name: String) -> DrawInterval {
        let (kind, value) = parameter(name)
        switch kind {
        case .interval(_, let single), .wholeInterval(_, let single), .axes(_, let single):
            return DrawInterval(value, single)
        default: preconditionFailure("\(specification.name): \(name) is no interval")
        }
    }

    /// The intervals of the two axes.
    func axes(_ name: String) -> (x: DrawInterval, y: DrawInterval) {
        guard case .axes(_, let single) = parameter(name).kind else {
            preconditionFailure("\(specification.name): \(name) has no axes")
        }
        let value = parameter(name).value
        guard case .object(let members) = value else {
            return (DrawInterval(value, single), DrawInterval(value, single))
        }
        // What is not stated of one axis changes nothing there.
        let neutral = single == .fixed && name == "scale" ? 1.0 : 0
        func axis(_ key: String) -> DrawInterval {
            members.first { $0.name == key }.map { DrawInterval($0.value, single) }
                ?? DrawInterval(low: neutral, high: neutral)
        }
        return (axis("x"), axis("y"))
    }

    /// Two whole numbers.
    func pair(_ name: String) -> (first: Int, second: Int) {
        let numbers = integers(name)
        return (numbers[0], numbers[1])
    }

    /// Height and width, of which one may be nothing.
    func sides(_ name: String) -> (height: Int?, width: Int?) {
        guard case .list(let items) = parameter(name).value, items.count == 2 else {
            preconditionFailure("\(specification.name): \(name) has no two sides")
        }
        let sides = items.map { item -> Int? in if case .number(let number) = item { Int(number) } else { nil } }
        return (sides[0], sides[1])
    }

    /// One or more whole numbers.
    func integers(_ name: String) -> [Int] {
        switch parameter(name).value {
        case .number(let number): [Int(number)]
        case .list(let items): items.map { if case .number(let number) = $0 { Int(number) } else { 0 } }
        default: preconditionFailure("\(specification.name): \(name) has no numbers")
        }
    }

    /// A colour; one number is a grey.
    func rgb(_ name: String) -> RGBColour {
        switch parameter(name).value {
        case .number(let number):
            let value = UInt8(number.rounded())
            return RGBColour(value, value, value)
        default:
            let numbers = integers(name).map { UInt8($0) }
            return RGBColour(numbers[0], numbers[1], numbers[2])
        }
    }

    func steps(_ name: String) -> [AugmentationStep] { children[name] ?? [] }
}
