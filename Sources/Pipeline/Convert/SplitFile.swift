internal import Annotations
private import Foundation
private import JSONText
internal import Runtime

/// Which part images are in, as somebody has decided before.
///
/// A JSON object of lists, `{"train": ["a.jpg", 17], "val": [...]}`, of file names or ids; or text with a line
/// `PART NAME` for each image, `#` starting a comment. Names may be as in the labels or without folders. The output of an
/// earlier conversion with a split stands for the file that it holds, ``name``.
struct SplitFile {
    /// The part by file name or id as text.
    let partOfName: [String: Int]

    private static let maximumBytes = 256 << 20

    /// What a conversion calls the file in its output.
    static let name = "split.json"

    /// The file that an argument means: itself, or that of an earlier conversion's output.
    static func path(_ argument: String) -> String {
        FileSystem.isDirectory(argument) ? FileSystem.join(argument, name) : argument
    }

    /// Says which part each image is in, for conversions to come.
    ///
    /// - Parameters:
    ///   - parts: names of the parts.
    ///   - partOfImage: the number of each image's part.
    /// - Returns: the file's text, which depends on the images' order alone.
    static func text(parts: [String], images: [COCOImage], partOfImage: [Int]) -> String {
        // A name that several images have says nothing of where each of them is.
        var places: [String: Int] = [:]
        for (image, part) in zip(images, partOfImage) where places[image.fileName, default: part] != -1 {
            places[image.fileName] = places[image.fileName, default: part] == part ? part : -1
        }
        var writer = JSONWriter(layout: .indented)
        writer.beginObject()
        for (number, part) in parts.enumerated() {
            writer.key(part)
            writer.beginArray(layout: .indented)
            for (image, own) in zip(images, partOfImage) where own == number {
                let isNamed = !image.fileName.isEmpty && places[image.fileName] != -1
                writer.string(isNamed ? image.fileName : image.id.description)
            }
            writer.endArray()
        }
        writer.endObject()
        writer.finish()
        return writer.text
    }

    /// - Throws: `FileError`, or `PipelineError.split` with what is wrong where.
    init(path argument: String, parts: [SplitRule.Part]) throws {
        let path = Self.path(argument)
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
