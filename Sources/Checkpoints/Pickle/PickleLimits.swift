/// What a pickle may use at most.
///
/// A state dict takes about 40 instructions a tensor, so a real one stays far below; memory stays below 64 bytes an
/// instruction.
package struct PickleLimits: Sendable {
    /// Bytes from the start of a pickle to its end.
    package var bytes = 64 << 20
    /// Instructions.
    package var instructions = 4 << 20
    /// Values on the stack at once.
    package var stackDepth = 1 << 20
    /// Marks on the stack at once: how deep lists, tuples and dictionaries are nested while they are built.
    package var markDepth = 1000
    /// Values kept for later reference.
    package var memoEntries = 1 << 20
    /// Bytes of one text.
    package var textBytes = 1 << 20
    /// Bytes of one whole number.
    package var numberBytes = 1024

    package init() {}
}
