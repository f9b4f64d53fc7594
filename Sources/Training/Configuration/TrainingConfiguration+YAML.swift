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
        let bytes = try FileSystem.read(path)
        guard bytes.count <= maximumFileBytes else {
            throw TrainingError(
                .configurationSyntax, "is \(bytes.count) bytes; a configuration has at most \(maximumFileBytes)",
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
                // Steps lie deeper than other values: their text goes on as JSON.
                let value =
                    name == "augment-steps" && (node.sequence != nil || node.mapping != nil)
                    ? ConfigurationValue.text(try AugmentationValue(node, at: location).json)
                    : try Self.value(of: node, location: location)
                try set(name, to: value)
            } catch {
                throw TrainingError(error.code, error.message, at: error.location ?? location)
            }
        }
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

    private static func value(of node: Node, location: DataLocation) throws(TrainingError) -> ConfigurationValue {
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
