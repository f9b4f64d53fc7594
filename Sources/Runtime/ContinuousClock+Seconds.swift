extension ContinuousClock.Instant {
    /// Time from this instant to now, in seconds.
    package var secondsSince: Double {
        let parts = (ContinuousClock.now - self).components
        return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
    }
}
