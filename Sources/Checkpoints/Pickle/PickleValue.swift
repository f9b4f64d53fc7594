/// A value of a pickle; containers are indexes into a ``PickleGraph``.
///
/// Indexes instead of nested values: a list may hold itself, and a value nested a million deep is freed without recursion.
package enum PickleValue: Sendable, Hashable {
    case none
    case bool(Bool)
    case integer(Int)
    /// A whole number beyond 64 bits: two's complement, little-endian.
    case largeInteger([UInt8])
    case float(Double)
    case text(String)
    /// Bytes, by their place in the file.
    case bytes(Range<Int>)
    /// Index into ``PickleGraph/lists``; sets too.
    case list(Int)
    /// Index into ``PickleGraph/tuples``.
    case tuple(Int)
    /// Index into ``PickleGraph/dictionaries``.
    case dictionary(Int)
    /// A class or function that is only named.
    case global(PickleGlobal)
    /// Index into ``PickleGraph/calls``.
    case call(Int)
    /// Index into ``PickleGraph/persistentIDs``.
    case persistent(Int)

    /// The value as a whole number, where it is one of 64 bits.
    package var integer: Int? {
        guard case .integer(let value) = self else { return nil }
        return value
    }

    /// The value as text.
    package var text: String? {
        guard case .text(let value) = self else { return nil }
        return value
    }

    /// The value as the name of a class or function.
    package var global: PickleGlobal? {
        guard case .global(let value) = self else { return nil }
        return value
    }
}
