/// A mean that is built up value by value.
package struct MeanAccumulator: Sendable, Hashable {
    /// The number of values.
    package private(set) var count = 0
    /// Values that were not defined (nil or NaN); they are no part of the mean.
    package private(set) var undefinedCount = 0
    private var sum = 0.0

    package init() {}

    /// The mean of all values; nil before the first.
    package var mean: Double? { count == 0 ? nil : sum / Double(count) }

    /// Adds one value; nil and NaN are only counted.
    package mutating func add(_ value: Double?) {
        guard let value, !value.isNaN else {
            undefinedCount += 1
            return
        }
        count += 1
        sum += value
    }

    /// Adds what another accumulator has seen. Parts computed in parallel are merged in a fixed order, as sums of
    /// floating-point numbers depend on it.
    package mutating func merge(_ other: MeanAccumulator) {
        count += other.count
        undefinedCount += other.undefinedCount
        sum += other.sum
    }
}
