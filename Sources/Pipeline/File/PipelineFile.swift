private import Foundation
internal import Runtime
internal import Yams

/// A file of stages, or the same as text: a list under `stages`, each `name: settings` or only its name;
/// `schemas/pipeline.schema.json` describes it.
///
/// `split`, `shard`, `parse` and `rasterise` stand in the list as well. They are no stages of a stream of samples but say
/// what the command line's options say: how images are read and where they go.
package struct PipelineFile: Sendable {
    /// The stages between reading and writing, in order.
    package var stages: [StageDescription] = []
    /// The other entries by name.
    package var settings: [String: StageDescription] = [:]

    /// Entries that are not stages of the stream.
    static let settingStages = ["parse", "rasterise", "split", "shard"]
    private static let maximumBytes = 1 << 20
    private static let maximumDepth = 32
    /// Values in a file; aliases count as often as they stand there.
    private static let maximumValues = 20_000

    package init() {}

    /// Reads a file, or a text with more than one line or in brackets.
    ///
    /// - Throws: `FileError`, or `PipelineError.file` with the line and what is wrong.
    package init(_ argument: String) throws {
        guard Self.isText(argument) else {
            try self.init(path: argument)
            return
        }
        try self.init(text: argument, path: nil)
    }

    /// Whether an argument is YAML itself, and no file.
    static func isText(_ argument: String) -> Bool {
        let start = argument.first { !$0.isWhitespace }
        return argument.contains("\n") || start == "[" || start == "{"
    }

    /// - Throws: `FileError`, or `PipelineError.file`.
    package init(path: String) throws { try self.init(text: Self.text(ofFile: path), path: path) }

    /// The text of a file of stages.
    ///
    /// - Throws: `FileError`, or `PipelineError.file` when it is too large, or no text.
    static func text(ofFile path: String) throws -> String {
        let bytes = try FileSystem.read(path)
        guard bytes.count <= Self.maximumBytes else {
            throw PipelineError(
                .file, "is \(bytes.count) bytes; a file of stages has at most \(Self.maximumBytes)",
                location: DataLocation(path: path))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw PipelineError(.file, "is not UTF-8 text", location: DataLocation(path: path))
        }
        return text
    }

    /// - Throws: `PipelineError.file`.
    package init(text: String, path: String?) throws(PipelineError) {
        let root: Node?
        // What was given as text has no name that a message would begin with.
        let subject = path == nil ? "the text of stages " : ""
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw PipelineError(
                .file, subject + "is not valid YAML: \(Self.brief(error))", location: DataLocation(path: path))
        }
        guard let root else { throw PipelineError(.file, subject + "is empty", location: DataLocation(path: path)) }
        let place = DataLocation(path: path, line: root.mark?.line)
        var list = root
        if let mapping = root.mapping {
            for (key, _) in mapping where key.string != "stages" {
                let name = key.string ?? "a key that is no word"
                throw PipelineError(
                    .file,
                    "\"\(name)\" is not known here; a file of stages has one key, stages."
                        + NameSuggestion.sentence(for: name, among: ["stages"]),
                    location: DataLocation(path: path, line: key.mark?.line))
            }
            guard let stages = mapping["stages"] else {
                throw PipelineError(.file, "there is no list \"stages\"", location: place)
            }
            list = stages
        }
        guard let items = list.sequence else {
            throw PipelineError(.file, "\"stages\" must be a list", location: place)
        }
        var budget = Self.maximumValues
        for item in items { try add(try Self.description(of: item, path: path, budget: &budget)) }
    }

    /// The beginning of an error that quotes what it is about, however long that is.
    private static func brief(_ error: any Error) -> String {
        let text = "\(error)"
        return text.count > 240 ? text.prefix(240) + "…" : text
    }

    /// Adds an entry.
    private mutating func add(_ description: StageDescription) throws(PipelineError) {
        guard Self.settingStages.contains(description.name) else {
            stages.append(description)
            return
        }
        guard settings.updateValue(description, forKey: description.name) == nil else {
            throw PipelineError(.file, "\(description.name) stands twice", location: description.location)
        }
    }

    private static func description(
        of node: Node, path: String?, budget: inout Int
    ) throws(PipelineError) -> StageDescription {
        let location = DataLocation(path: path, line: node.mark?.line)
        if let scalar = node.scalar { return StageDescription(scalar.string, [], at: location) }
        guard let mapping = node.mapping, mapping.count == 1,
            let (key, value) = mapping.first.map({ ($0.key, $0.value) }),
            let name = key.string
        else { throw PipelineError(.file, "a stage is `name` or `name: settings`", location: location) }
        switch try self.value(of: value, path: path, depth: 0, budget: &budget) {
        case .mapping(let members): return StageDescription(name, members, at: location)
        case .null: return StageDescription(name, [], at: location)
        default:
            throw PipelineError(
                .file, "the settings of \(name) must be a mapping `key: value`", location: location)
        }
    }

    /// A YAML node as a value.
    ///
    /// - Throws: `PipelineError.file` for what is too deep, an alias, or a key that is no word.
    static func value(of node: Node, path: String?) throws(PipelineError) -> StageValue {
        var budget = maximumValues
        return try value(of: node, path: path, depth: 0, budget: &budget)
    }

    private static func value(
        of node: Node, path: String?, depth: Int, budget: inout Int
    ) throws(PipelineError) -> StageValue {
        guard depth < maximumDepth else {
            throw PipelineError(
                .file, "more than \(maximumDepth) levels", location: DataLocation(path: path, line: node.mark?.line))
        }
        budget -= 1
        guard budget > 0 else {
            throw PipelineError(
                .file, "more than \(maximumValues) values, as aliases of aliases can stand for",
                location: DataLocation(path: path, line: node.mark?.line))
        }
        switch node {
        case .scalar(let scalar):
            if scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { return .null }
            return .scalar(scalar.string)
        case .sequence(let sequence):
            var items: [StageValue] = []
            for item in sequence {
                items.append(try value(of: item, path: path, depth: depth + 1, budget: &budget))
            }
            return .list(items)
        case .mapping(let mapping):
            var members: [StageValue.Member] = []
            for (key, item) in mapping {
                guard let name = key.string else {
                    throw PipelineError(
                        .file, "a key must be a word", location: DataLocation(path: path, line: key.mark?.line))
                }
                members.append(
                    StageValue.Member(
                        name, try value(of: item, path: path, depth: depth + 1, budget: &budget),
                        line: key.mark?.line))
            }
            return .mapping(members)
        case .alias:
            throw PipelineError(
                .file, "aliases are not used here", location: DataLocation(path: path, line: node.mark?.line))
        }
    }
}
