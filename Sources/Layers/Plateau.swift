/// Lowers the learning rate when a score no longer rises: PyTorch's `ReduceLROnPlateau` in the mode `max`, with its
/// relative threshold of 1e-4.
package struct Plateau: Sendable, Hashable {
    /// The best score so far, or nil before the first.
    package var best: Double?
    /// Scores since then, or since the rate was last lowered, that were no better.
    package var stale = 0
    /// Factor of the learning rate.
    package var rateFactor = 1.0

    private static let threshold = 1e-4

    package init() {}

    /// Takes in one more score.
    ///
    /// - Parameters:
    ///   - score: the higher the better.
    ///   - factor: of the rate after more than `patience` scores that were no better, above 0 and at most 1.
    ///   - patience: scores that may be no better.
    ///   - lowest: what the rate's factor does not go below.
    package mutating func note(_ score: Double, factor: Double, patience: Int, lowest: Double) {
        if let best, score <= best * (1 + Self.threshold) {
            stale += 1
        } else {
            best = score
            stale = 0
        }
        guard stale > patience else { return }
        rateFactor = max(lowest, rateFactor * factor)
        stale = 0
    }
}
