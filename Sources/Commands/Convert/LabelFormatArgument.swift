internal import Annotations
internal import ArgumentParser
private import Pipeline
private import Runtime

/// A label format as an argument; `auto` looks at the files.
package struct LabelFormatArgument: ExpressibleByArgument, Sendable {
    /// Nil for `auto`.
    private let format: LabelFormat?

    /// `masks` is a command of its own, which makes one COCO file of a folder; as an input of a conversion, folders of
    /// masks have another name.
    private static let maskFolder = "mask-folder"

    /// The names of all formats.
    package static var names: [String] { LabelFormat.allCases.map(name) }

    /// The name of a format as an argument.
    static func name(_ format: LabelFormat) -> String { format == .masks ? maskFolder : format.rawValue }

    package init?(argument: String) {
        guard argument != "auto" else {
            format = nil
            return
        }
        guard let known = Self.format(argument) else { return nil }
        format = known
    }

    package static var allValueStrings: [String] { ["auto"] + names }

    /// Short names that people type as well.
    private static let shortNames: [String: LabelFormat] = [
        maskFolder: .masks, "panoptic": .panoptic, "sa1b": .segmentAnything,
    ]

    private static func format(_ name: String) -> LabelFormat? { shortNames[name] ?? LabelFormat(rawValue: name) }

    /// Whether the files are to tell.
    var isAutomatic: Bool { format == nil }

    /// The format of an input.
    ///
    /// - Throws: `FileError`, or `ValidationError` when nothing is known of the files.
    func resolved(_ input: String) throws -> LabelFormat {
        if let format { return format }
        guard let found = try LabelFormat.detect(input) else {
            throw ValidationError(
                "\(input) looks like none of the formats; name one of \(Self.names.joined(separator: ", ")).")
        }
        return found
    }

    /// The format that `--to` names.
    static func target(_ name: String) throws -> LabelFormat {
        if let format = format(name) { return format }
        throw ValidationError(
            "--to must be one of \(names.joined(separator: ", ")), not \"\(name)\"."
                + NameSuggestion.sentence(for: name, among: names))
    }
}
