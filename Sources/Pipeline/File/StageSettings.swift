internal import Runtime

/// Reads a stage's settings, each as what its key wants, with errors that name stage, key and line.
package struct StageSettings {
    private let description: StageDescription
    /// Of everything random.
    package let seed: UInt64

    /// - Parameters:
    ///   - keys: all keys that the stage has.
    ///   - seed: of everything random.
    /// - Throws: `PipelineError.stage` for a key that is none of them.
    package init(_ description: StageDescription, keys: [String], seed: UInt64 = 0) throws(PipelineError) {
        self.description = description
        self.seed = seed
        for member in description.settings where !keys.contains(member.key) {
            let known = keys.isEmpty ? "it has no settings" : "its settings are \(keys.joined(separator: ", "))"
            throw PipelineError(
                .stage,
                "\(description.name) has no setting \"\(member.key)\"; \(known)."
                    + NameSuggestion.sentence(for: member.key, among: keys), location: location(of: member))
        }
    }

    /// Whether the key is set.
    package func has(_ key: String) -> Bool { member(key) != nil }

    /// A finite number within bounds, or nil when the key is not set.
    package func number(_ key: String, in range: ClosedRange<Double>) throws(PipelineError) -> Double? {
        guard let member = member(key) else { return nil }
        guard case .scalar(let text) = member.value, let value = Double(text), value.isFinite, range.contains(value)
        else { throw failure(member, "a number from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))") }
        return value
    }

    /// A whole number within bounds, or nil when the key is not set.
    package func integer(_ key: String, in range: ClosedRange<Int>) throws(PipelineError) -> Int? {
        guard let member = member(key) else { return nil }
        guard case .scalar(let text) = member.value, let value = Int(text), range.contains(value) else {
            throw failure(member, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// `true` or `false`, or nil when the key is not set.
    package func flag(_ key: String) throws(PipelineError) -> Bool? {
        guard let member = member(key) else { return nil }
        switch member.value {
        case .scalar("true"), .scalar("True"), .scalar("yes"): return true
        case .scalar("false"), .scalar("False"), .scalar("no"): return false
        default: throw failure(member, "true or false")
        }
    }

    /// A text that is not empty, or nil when the key is not set.
    package func text(_ key: String) throws(PipelineError) -> String? {
        guard let member = member(key) else { return nil }
        guard case .scalar(let text) = member.value, !text.isEmpty else { throw failure(member, "a text") }
        return text
    }

    /// One word of several, or nil when the key is not set.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ type: Choice.Type = Choice.self
    ) throws(PipelineError) -> Choice? {
        guard let member = member(key) else { return nil }
        let words = Choice.allCases.map(\.rawValue)
        guard case .scalar(let text) = member.value, let choice = Choice(rawValue: text) else {
            var hint = ""
            if case .scalar(let text) = member.value { hint = NameSuggestion.sentence(for: text, among: words) }
            throw failure(member, "one of \(words.joined(separator: ", "))", hint)
        }
        return choice
    }

    /// A list of texts, of which a single one need not be in brackets; nil when the key is not set.
    package func texts(_ key: String) throws(PipelineError) -> [String]? {
        guard let member = member(key) else { return nil }
        switch member.value {
        case .scalar(let text): return [text]
        case .list(let items):
            var texts: [String] = []
            for item in items {
                guard case .scalar(let text) = item else { throw failure(member, "a list of texts") }
                texts.append(text)
            }
            return texts
        default: throw failure(member, "a text or a list of texts")
        }
    }

    /// A mapping of names to texts, in its order; nil when the key is not set.
    package func pairs(_ key: String) throws(PipelineError) -> [(name: String, value: String)]? {
        guard let member = member(key) else { return nil }
        guard case .mapping(let members) = member.value else { throw failure(member, "a mapping `name: value`") }
        var pairs: [(String, String)] = []
        for pair in members {
            guard case .scalar(let text) = pair.value else { throw failure(member, "a mapping `name: value`") }
            pairs.append((pair.key, text))
        }
        return pairs
    }

    /// The value as it stands; nil when the key is not set.
    package func value(_ key: String) -> StageValue? { member(key)?.value }

    /// An error that names the stage, and the key where it is set.
    package func failure(_ message: String, key: String? = nil) -> PipelineError {
        PipelineError(
            .stage, "\(description.name): \(message)",
            location: key.flatMap { member($0) }.map { location(of: $0) } ?? description.location)
    }

    private func member(_ key: String) -> StageValue.Member? {
        description.settings.first { $0.key == key && $0.value != .null }
    }

    private func failure(_ member: StageValue.Member, _ expected: String, _ hint: String = "") -> PipelineError {
        PipelineError(
            .stage, "\(description.name): \(member.key) must be \(expected), not \(member.value.summary).\(hint)",
            location: location(of: member))
    }

    private func location(of member: StageValue.Member) -> DataLocation {
        var location = description.location ?? DataLocation()
        location.line = member.line ?? location.line
        location.keyPath = "\(description.name).\(member.key)"
        return location
    }

    private static func text(_ bound: Double) -> String {
        bound == bound.rounded() && abs(bound) < 1e15 ? String(Int(bound)) : String(bound)
    }
}
