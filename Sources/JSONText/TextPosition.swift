/// A place in a text.
package struct TextPosition: Sendable, Hashable {
    /// Bytes from the start of the text.
    package var byteOffset: Int
    /// Line, counted from 1; lines end with a line feed. ``unknownLine`` where nobody has counted.
    package var line: Int

    /// Stands for a line that is not known.
    package static let unknownLine = 0

    package init(byteOffset: Int, line: Int) {
        self.byteOffset = byteOffset
        self.line = line
    }
}
