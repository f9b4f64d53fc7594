private import Synchronization

/// Counts the pieces of a list whose annotations could not go into parts, as something is wrong with them.
final class SpoiltParts: Sendable {
    private let count = Atomic<Int>(0)
    private let most: Int

    init(most: Int) { self.most = most }

    var areTooMany: Bool { count.load(ordering: .relaxed) > most }

    func note() { count.add(1, ordering: .relaxed) }
}
