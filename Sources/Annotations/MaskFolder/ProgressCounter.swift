private import Synchronization

/// Counts what several threads have done.
final class ProgressCounter: Sendable {
    private let done = Atomic<Int>(0)

    /// Counts one more; returns how many there are now.
    func next() -> Int { done.wrappingAdd(1, ordering: .relaxed).newValue }
}
