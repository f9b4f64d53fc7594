private import Foundation
private import JSONText
internal import Runtime

/// Which part images are in, as somebody has decided before.
///
/// A JSON object of lists, `{"train": ["a.jpg", 17], "val": [...]}`, of file names or ids; or text with a line
/// `PART NAME` for each image, `#` starting a comment. Names may be as in the labels or without folders.
struct SplitFile {
    /// The part by file name or id as text.
    let partOfName: [String: Int]

    private static let maximumBytes = 256 << 20

    /// - Throws: `FileError`, or `PipelineError.split` with what is wrong where.
    init(path: String, parts: [SplitRule.Part]) throws {
        let bytes = try FileSystem.read(path)
        func failure(_ message: String, line: Int? = nil) -> PipelineError {
            PipelineError(.split, message, location: DataLocation(path: path, line: line))
        }
        guard bytes.count <= Self.maximumBytes, let text = String(validating: bytes, as: UTF8.self) else {
            throw failure("is not a split file: UTF-8 text of at most \(Self.maximumBytes) bytes")
        }
        let names = parts.map(\.name)
        var partOfName: [String: Int] = [:]
        func add(_ name: String, to part: String, line: Int?) throws {
            guard let index = names.firstIndex(of: part) else {
                throw failure(
                    "\"\(part)\" is not a part of the split (\(names.joined(separator: ", ")))."
                        + NameSuggestion.sentence(for: part, among: names), line: line)
            }
            if let other = partOfName.updateValue(index, forKey: name), other != index {
                throw failure("\"\(name)\" is in \(names[other]) and in \(names[index])", line: line)
            }
        }
        if text.first(where: { !$0.isWhitespace }) == "{" {
            let document: JSONValue
            do { document = try JSONDocument.parse(text) } catch { throw failure("is not JSON: \(error.message)") }
            for member in document.object ?? [] {
                guard let list = member.value.array else { throw failure("\"\(member.name)\" is not a list of names") }
                for item in list {
                    guard let name = item.string ?? item.int64.map(String.init) else {
                        throw failure("\"\(member.name)\" holds \(item.text()), which is neither a name nor an id")
                    }
                    try add(name, to: member.name, line: nil)
                }
            }
        } else {
            for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            {
                let line = line.trimmingCharacters(in: .whitespaces)
                if line.isEmpty || line.hasPrefix("#") { continue }
                let fields = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
                guard fields.count == 2 else { throw failure("\"\(line)\" is not PART NAME", line: number + 1) }
                try add(
                    fields[1].trimmingCharacters(in: .whitespaces), to: String(fields[0]), line: number + 1)
            }
        }
        self.partOfName = partOfName
    }
}
