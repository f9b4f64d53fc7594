/// A string token in a JSON text: an object's key, or a value not yet decoded.
package struct JSONKey: Sendable, Hashable {
    /// The bytes between the quotes.
    package let range: Range<Int>
    /// Whether the text between the quotes is the string itself: no escapes.
    package let isPlain: Bool
}
