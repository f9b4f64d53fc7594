/// A mean, and the range in which it would come to lie on other images of the same kind.
package struct ConfidenceInterval: Sendable, Hashable {
    /// The mean of all values.
    package var mean: Double
    /// Lower and upper end; nil where a single image leaves nothing to tell them by.
    package var bounds: ClosedRange<Double>?
    /// Number of values.
    package var count: Int

    package init(mean: Double, bounds: ClosedRange<Double>?, count: Int) {
        self.mean = mean
        self.bounds = bounds
        self.count = count
    }
}
