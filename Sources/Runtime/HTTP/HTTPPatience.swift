/// How long a reader waits for a server, and how often it tries.
package struct HTTPPatience: Sendable, Hashable {
    /// What an attempt may take until the answer's first byte; each 50 kB that come are worth a second more.
    package var seconds: Double
    /// Attempts in all, at least 1.
    package var attempts: Int
    /// The wait before the second attempt in seconds; it doubles with each further one.
    package var firstDelay: Double
    /// No wait is longer.
    package var longestDelay: Double

    package init(seconds: Double = 30, attempts: Int = 5, firstDelay: Double = 0.25, longestDelay: Double = 8) {
        precondition(attempts >= 1, "\(attempts) attempts")
        self.seconds = seconds
        self.attempts = attempts
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
    }

    /// The wait in seconds after so many failed attempts, 1 or more.
    package func delay(after failures: Int) -> Double {
        var delay = firstDelay
        for _ in 1..<max(1, min(failures, 60)) { delay = min(longestDelay, delay * 2) }
        return min(longestDelay, delay)
    }
}
