private import Foundation
internal import Runtime

/// An element of a small XML document as a tree.
struct XMLNode: Sendable {
    let name: String
    let attributes: [String: String]
    /// The text inside, without white space around.
    var text = ""
    var children: [XMLNode] = []
    /// Where the element begins, from 1.
    let line: Int

    /// The first child of a name.
    subscript(name: String) -> XMLNode? { children.first { $0.name == name } }

    /// The children of a name.
    func all(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }

    /// The text of a child.
    func text(_ name: String) -> String? { self[name]?.text }

    /// The text of a child as a finite number.
    func number(_ name: String) -> Double? { text(name).flatMap(XMLNode.number) }

    /// An attribute as a finite number.
    func numberAttribute(_ name: String) -> Double? { attributes[name].flatMap(XMLNode.number) }

    /// A text as a finite number.
    static func number(_ text: String) -> Double? {
        Double(text.trimmingCharacters(in: .whitespacesAndNewlines)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Reads a document or a part of one.
    ///
    /// - Parameters:
    ///   - bytes: with one outermost element.
    ///   - firstLine: of the bytes, where they are a part of a file.
    /// - Throws: `AnnotationError.syntax`, as ``XMLReader`` says.
    static func parse(
        _ bytes: UnsafeRawBufferPointer, path: String, firstLine: Int = 1
    ) throws(AnnotationError) -> XMLNode {
        var reader = XMLReader(bytes, path: path, firstLine: firstLine)
        return try reader.document()
    }

    /// Reads a file.
    static func read(path: String) throws -> XMLNode {
        try MappedFile(path: path).withBytes { bytes throws(AnnotationError) in try parse(bytes, path: path) }
    }

    static func failure(_ message: String, _ path: String, _ line: Int) -> AnnotationError {
        AnnotationError(.syntax, at: DataLocation(path: path, line: line), message)
    }
}
