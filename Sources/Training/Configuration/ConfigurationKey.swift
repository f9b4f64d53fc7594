private import Runtime

/// One key of a configuration: its name, and how it is read and written.
package struct ConfigurationKey<Configuration>: Sendable {
    /// The name, words joined by hyphens: `batch-size` in YAML, `--batch-size` on the command line.
    package let name: String
    /// Whether its values are words, also where they look like numbers or truths.
    let holdsWords: Bool
    /// Whether its values may be lists or mappings, so that a text such as `[1, 2]` is one and not a word.
    let takesLists: Bool
    /// The field that a key stands for.
    package typealias Field<Value> = any WritableKeyPath<Configuration, Value> & Sendable

    let set: @Sendable (ConfigurationValue, inout Configuration) throws(TrainingError) -> Void
    let get: @Sendable (Configuration) -> ConfigurationValue

    /// - Parameters:
    ///   - expected: what the value must be, in words that follow "must be".
    ///   - holdsWords: whether a value such as `123` or `off` is a word.
    ///   - takesLists: whether a value may be a list or a mapping.
    ///   - parse: the value, or nil when it is not what is expected.
    ///   - write: the value as text, list or pairs; `.null` leaves it to the default.
    init<Value>(
        _ name: String, _ path: Field<Value>, expected: String, holdsWords: Bool = false, takesLists: Bool = false,
        parse: @escaping @Sendable (ConfigurationValue) throws(TrainingError) -> Value?,
        write: @escaping @Sendable (Value) -> ConfigurationValue
    ) {
        self.name = name
        self.holdsWords = holdsWords
        self.takesLists = takesLists
        set = { (value: ConfigurationValue, configuration: inout Configuration) throws(TrainingError) in
            guard let parsed = try parse(value) else {
                throw TrainingError(.configuration, "\(name) must be \(expected), not \(value.summary)")
            }
            configuration[keyPath: path] = parsed
        }
        get = { write($0[keyPath: path]) }
    }
}

// MARK: Kinds of keys

extension ConfigurationKey {
    /// A whole number within a range.
    static func integer(
        _ name: String, _ path: Field<Int>, in range: ClosedRange<Int>
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { value in
                guard case .text(let text) = value, let number = ConfigurationNumber.whole(text),
                    range.contains(number)
                else { return nil }
                return number
            },
            write: { .text(String($0)) })
    }

    /// A whole number within a range, or nothing.
    static func optionalInteger(
        _ name: String, _ path: Field<Int?>, in range: ClosedRange<Int>
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parse: { value in
                if value == .null { return .some(nil) }
                guard case .text(let text) = value, let number = ConfigurationNumber.whole(text),
                    range.contains(number)
                else { return nil }
                return number
            },
            write: { $0.map { .text(String($0)) } ?? .null })
    }

    /// A number that `accepts` takes.
    static func number(
        _ name: String, _ path: Field<Double>, expected: String,
        _ accepts: @escaping @Sendable (Double) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: expected,
            parse: { value in
                guard case .text(let text) = value, let number = Double(text), number.isFinite, accepts(number) else {
                    return nil
                }
                return number
            },
            write: { .text(ConfigurationNumber.text($0)) })
    }

    /// A number that `accepts` takes, or nothing.
    static func optionalNumber(
        _ name: String, _ path: Field<Double?>, expected: String,
        _ accepts: @escaping @Sendable (Double) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: expected,
            parse: { value in
                if value == .null { return .some(nil) }
                guard case .text(let text) = value, let number = Double(text), number.isFinite, accepts(number) else {
                    return nil
                }
                return number
            },
            write: { $0.map { .text(ConfigurationNumber.text($0)) } ?? .null })
    }

    /// True or false.
    static func truth(_ name: String, _ path: Field<Bool>) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "true or false",
            parse: { value in
                guard case .text(let text) = value else { return nil }
                return Bool(text)
            },
            write: { .text(String($0)) })
    }

    /// One of the names of a type's cases.
    static func choice<Choice: CaseIterable & RawRepresentable & Sendable>(
        _ name: String, _ path: Field<Choice>
    ) -> ConfigurationKey where Choice.RawValue == String {
        ConfigurationKey(
            name, path, expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "), holdsWords: true,
            parse: { value in
                guard case .text(let text) = value else { return nil }
                return Choice(rawValue: text)
            },
            write: { .text($0.rawValue) })
    }

    /// One of the names of a type's cases, or nothing.
    static func optionalChoice<Choice: CaseIterable & RawRepresentable & Sendable>(
        _ name: String, _ path: Field<Choice?>
    ) -> ConfigurationKey where Choice.RawValue == String {
        ConfigurationKey(
            name, path, expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "), holdsWords: true,
            parse: { value in
                if value == .null { return .some(nil) }
                guard case .text(let text) = value, let choice = Choice(rawValue: text) else { return nil }
                return choice
            },
            write: { $0.map { .text($0.rawValue) } ?? .null })
    }

    /// A number of bytes, such as `4GB`, or nothing.
    static func byteCount(_ name: String, _ path: Field<Int?>) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "a number of bytes such as 4GB",
            parse: { value in
                if value == .null { return .some(nil) }
                guard case .text(let text) = value, let size = ByteSize(text: text), size.bytes > 0 else { return nil }
                return size.bytes
            },
            write: { $0.map { .text(String($0)) } ?? .null })
    }

    /// Numbers that `accepts` takes, in rising order: a YAML sequence in any order, or one text with commas.
    static func numbers(
        _ name: String, _ path: Field<[Double]>, expected: String,
        _ accepts: @escaping @Sendable ([Double]) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: expected, takesLists: true,
            parse: { value in
                guard let items = words(of: value) else { return nil }
                let numbers = items.compactMap(Double.init)
                guard numbers.count == items.count, numbers.allSatisfy(\.isFinite), accepts(numbers) else { return nil }
                return numbers.sorted()
            },
            write: { .list($0.map(ConfigurationNumber.text)) })
    }

    /// Numbers by name: a YAML mapping, or one text such as `a=1,b=2`.
    static func namedNumbers(
        _ name: String, _ path: Field<[NamedNumber]>, expected: String,
        _ accepts: @escaping @Sendable (Double) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: expected, takesLists: true,
            parse: { value in
                guard let pairs = pairs(of: value) else { return nil }
                var numbers: [NamedNumber] = []
                for pair in pairs {
                    guard let number = Double(pair.value), number.isFinite, accepts(number) else { return nil }
                    numbers.append(NamedNumber(name: pair.name, number: number))
                }
                return numbers
            },
            write: { numbers in
                .pairs(numbers.map { .init(name: $0.name, value: ConfigurationNumber.text($0.number)) })
            })
    }

    /// The pairs of a mapping: a YAML one, one text of `name=value` with commas, or nothing for none.
    static func pairs(of value: ConfigurationValue) -> [ConfigurationValue.Pair]? {
        switch value {
        case .pairs(let pairs): return pairs
        case .list: return nil
        case .null, .text: break
        }
        guard let items = words(of: value) else { return nil }
        var pairs: [ConfigurationValue.Pair] = []
        for item in items {
            let parts = item.split(separator: "=", omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            pairs.append(.init(name: String(parts[0]), value: String(parts[1])))
        }
        return pairs
    }

    /// A word or path.
    static func text(_ name: String, _ path: Field<String>) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "a word or path", holdsWords: true,
            parse: { value in
                guard case .text(let text) = value, !text.isEmpty else { return nil }
                return text
            },
            write: { .text($0) })
    }

    /// A word or path that `check` accepts, or nothing.
    static func optionalText(
        _ name: String, _ path: Field<String?>,
        _ check: @escaping @Sendable (String) throws(TrainingError) -> Void = { _ throws(TrainingError) in }
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: "a word or path", holdsWords: true,
            parse: { (value: ConfigurationValue) throws(TrainingError) -> String?? in
                if value == .null { return .some(nil) }
                guard case .text(let text) = value, !text.isEmpty else { return nil }
                try check(text)
                return text
            },
            write: { $0.map { .text($0) } ?? .null })
    }

    /// A list of words, each of which `check` accepts: a YAML sequence, or one text with commas.
    static func words(
        _ name: String, _ path: Field<[String]>, expected: String,
        _ check: @escaping @Sendable (String) throws(TrainingError) -> Void = { _ throws(TrainingError) in }
    ) -> ConfigurationKey {
        ConfigurationKey(
            name, path, expected: expected, holdsWords: true, takesLists: true,
            parse: { (value: ConfigurationValue) throws(TrainingError) -> [String]? in
                let words = words(of: value)
                for word in words ?? [] { try check(word) }
                return words
            },
            write: { .list($0) })
    }

    /// The words of a list: a YAML sequence, one text with commas, or nothing for none.
    static func words(of value: ConfigurationValue) -> [String]? {
        switch value {
        case .null: []
        case .list(let items): items.contains("") ? nil : items
        case .text(let text):
            text.split(separator: ",", omittingEmptySubsequences: false).map(String.init).contains("")
                ? nil : text.split(separator: ",").map(String.init)
        case .pairs: nil
        }
    }
}
