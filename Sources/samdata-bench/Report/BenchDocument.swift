import Foundation
import Runtime

/// How the bench writes and reads JSON: keys in snake case, in alphabetical order.
enum BenchDocument {
    /// Reads what ``encoder(isPretty:)`` wrote.
    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return decoder
    }

    /// - Parameter isPretty: whether there are lines and indentation.
    static func encoder(isPretty: Bool) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return encoder
    }

    /// Reads a file.
    ///
    /// - Throws: `FileError` when it cannot be read, `BenchError.document` when it holds something else.
    static func read<Document: Decodable>(_ type: Document.Type, path: String) throws -> Document {
        let bytes = try FileSystem.read(path)
        do { return try decoder.decode(type, from: Data(bytes)) } catch {
            throw BenchError(
                .document, "is not JSON of the form that the bench writes", at: DataLocation(path: path), cause: error)
        }
    }

    /// The text of a document, with lines and a line's end.
    static func text(_ document: some Encodable) throws -> String {
        String(decoding: try encoder(isPretty: true).encode(document), as: UTF8.self) + "\n"
    }
}
