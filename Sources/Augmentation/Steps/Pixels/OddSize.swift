internal import Runtime

/// The size of a filter that has a middle.
enum OddSize {
    /// An odd number from the interval, each as likely as the others; `low` or the next one where there is none.
    static func draw(_ interval: DrawInterval, _ random: inout CounterRandom) -> Int {
        let low = Int(interval.low) | 1
        let high = max(low, (Int(interval.high) - 1) | 1)
        let part = random.uniform()
        return low + 2 * Int(part * Double((high - low) / 2 + 1))
    }

    static func limit(_ low: Int, _ high: Int) -> ParameterSpecification {
        ParameterSpecification(
            "blur_limit", .wholeInterval(low...high, .from(Double(low))), [AugmentationValue.number(Double(low)), 7],
            "Side of the filter in pixels; an odd number is drawn.")
    }
}
