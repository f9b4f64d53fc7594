/// How the numbers of a matrix are stored; sums are always Float.
package enum ElementFormat: Sendable, Hashable {
    case float32
    case bfloat16
    case float16

    /// Bytes of a number.
    package var size: Int { self == .float32 ? 4 : 2 }
}
