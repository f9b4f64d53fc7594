internal import Augmentation
internal import Runtime
internal import Yams

extension TrainingConfiguration {
    /// The largest configuration file that is read, in bytes.
    static let maximumFileBytes = 1 << 20

    /// Reads `train.yaml` on top of the defaults.
    ///
    /// - Throws: `FileError` when the file cannot be read, `TrainingError` when it is not YAML or a key or value is
    ///   not one of a configuration; the location names the line.
    package static func read(_ path: String) throws -> TrainingConfiguration {
        let bytes = try FileSystem.read(path, upTo: maximumFileBytes)
        guard bytes.count <= maximumFileBytes else {
            throw TrainingError(
                .configurationSyntax, "is larger than the \(maximumFileBytes) bytes that a configuration has at most",
                at: DataLocation(path: path))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TrainingError(.configurationSyntax, "is not UTF-8 text", at: DataLocation(path: path))
        }
        var configuration = TrainingConfiguration()
        try configuration.apply(yaml: text, path: path)
        return configuration
    }

    /// Sets the fields that a YAML text names.
    package mutating func apply(yaml text: String, path: String? = nil) throws(TrainingError) {
        for (key, node) in try Self.topLevel(of: text, path: path) {
            let location = DataLocation(path: path, line: key.mark?.line, keyPath: key.string)
            guard let name = key.string else {
                throw TrainingError(.configurationSyntax, "a key must be a word", at: location)
            }
            do {
                try set(name, to: try Self.value(of: node, for: name, location: location))
            } catch {
                throw TrainingError(error.code, error.message, at: error.location ?? location)
            }
        }
    }

    /// Sets the field of one key to a value as it is written on a command line.
    ///
    /// What looks like a list or a mapping of YAML, `[1, 2]` or `{dice: 1}`, is one where the key takes such; anything else is
    /// the text itself, so that words and paths need no quotes.
    ///
    /// - Throws: `TrainingError.configuration` as ``set(_:to:)``, and for a list or mapping that is not valid YAML.
    package mutating func set(_ name: String, written text: String) throws(TrainingError) {
        let ends = (text.first { !$0.isWhitespace }, text.last { !$0.isWhitespace })
        let isFlow = ends == ("[", "]") || ends == ("{", "}")
        guard isFlow, Self.keys.contains(where: { $0.name == name && $0.takesLists }) else {
            return try set(name, to: text == "null" ? .null : .text(text))
        }
        let value: ConfigurationValue
        do {
            let node = try Yams.compose(yaml: text)
            value = try node.map { try Self.value(of: $0, for: name, location: DataLocation()) } ?? .null
        } catch {
            let reason = (error as? TrainingError)?.message ?? "is not valid YAML: \(error)"
            throw TrainingError(.configuration, "\(name): '\(text)': \(reason)")
        }
        try set(name, to: value)
    }

    /// The top-level mapping of a document; an empty document has none.
    private static func topLevel(of text: String, path: String?) throws(TrainingError) -> [(key: Node, value: Node)] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            let line: Int? =
                (error as? YamlError)?.line
            throw TrainingError(
                .configurationSyntax, "is not valid YAML: \(error)", at: DataLocation(path: path, line: line))
        }
        guard let root, !root.isEmptyScalar else { return [] }
        guard let mapping = root.mapping else {
            throw TrainingError(
                .configurationSyntax, "a configuration is a mapping of `key: value` lines",
                at: DataLocation(path: path, line: root.mark?.line))
        }
        return mapping.map { (key: $0.key, value: $0.value) }
    }

    private static func value(
        of node: Node, for key: String, location: DataLocation
    ) throws(TrainingError) -> ConfigurationValue {
        // Steps lie deeper than other values: their text goes on as JSON.
        if key == "augment-steps" && (node.sequence != nil || node.mapping != nil) {
            return .text(try AugmentationValue(node, at: location).json)
        }
        if node.isEmptyScalar || node.null != nil { return .null }
        if let scalar = node.scalar { return .text(scalar.string) }
        if let sequence = node.sequence {
            var items: [String] = []
            for item in sequence {
                guard let scalar = item.scalar else {
                    throw TrainingError(.configurationSyntax, "a list here holds words only", at: location)
                }
                items.append(scalar.string)
            }
            return .list(items)
        }
        var pairs: [ConfigurationValue.Pair] = []
        for (key, value) in node.mapping ?? [:] {
            guard let name = key.scalar, let scalar = value.scalar else {
                throw TrainingError(.configurationSyntax, "a mapping here holds `name: value` only", at: location)
            }
            pairs.append(.init(name: name.string, value: scalar.string))
        }
        return .pairs(pairs)
    }

    /// The whole configuration as YAML, every key named, so that a run can be repeated from it.
    package func yaml() throws(TrainingError) -> String {
        let pairs: [(Node, Node)] = Self.keys.map { key in
            let node: Node =
                switch key.get(self) {
                case .null: Node("null", Tag(.null))
                case .text(let text): Self.scalar(text, isWord: key.holdsWords)
                case .list(let items): Node(items.map { Self.scalar($0, isWord: key.holdsWords) }, Tag(.seq), .flow)
                case .pairs(let pairs):
                    Node(
                        pairs.map { (Self.scalar($0.name, isWord: true), Self.scalar($0.value, isWord: false)) },
                        Tag(.map), .flow)
                }
            return (Node(key.name), node)
        }
        do {
            return try Yams.serialize(node: Node(pairs, Tag(.map)), width: -1, allowUnicode: true)
        } catch {
            throw TrainingError(.configuration, "the configuration cannot be written as YAML", cause: error)
        }
    }

    /// A scalar that reads back as the same text: a word is quoted where any reader of YAML would take it for something else.
    private static func scalar(_ text: String, isWord: Bool) -> Node {
        Node(text, Tag(.implicit), isWord && looksTyped(text) ? .doubleQuoted : .any)
    }

    /// Whether YAML 1.1 or 1.2 might read a plain scalar as nothing, truth, number or date; rather too often.
    private static func looksTyped(_ text: String) -> Bool {
        let typed: Set = ["", "~", "null", "y", "n", "yes", "no", "on", "off", "true", "false", ".inf", ".nan"]
        if typed.contains(text.lowercased()) { return true }
        let digits = text.drop { "+-.".contains($0) }
        return digits.first?.isNumber ?? false
    }
}

extension Node {
    /// A plain scalar without any text, as an empty document or a key without a value.
    fileprivate var isEmptyScalar: Bool {
        if case .scalar(let scalar) = self { scalar.string.isEmpty && scalar.style == .plain } else { false }
    }
}

extension YamlError {
    /// The line that the parser stopped at, where it says.
    fileprivate var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }
}
