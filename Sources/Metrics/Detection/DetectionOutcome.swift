/// What became of one detection, at every overlap threshold and in every area range.
package struct DetectionOutcome: Sendable, Hashable {
    package var score: Double
    /// Place among the detections of its class and image, from 0.
    package var rank: Int32
    /// Bit `t * A + a`: it found an object at threshold t in area range a.
    package var matched: UInt64
    /// Bit `t * A + a`: it counts neither as right nor as wrong.
    package var ignored: UInt64

    package init(score: Double, rank: Int, matched: UInt64, ignored: UInt64) {
        self.score = score
        self.rank = Int32(clamping: rank)
        self.matched = matched
        self.ignored = ignored
    }
}
