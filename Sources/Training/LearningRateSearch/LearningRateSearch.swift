private import Foundation

/// What a learning-rate range test found: the loss while the rate rises exponentially from step to step.
///
/// Source: Smith, "Cyclical learning rates for training neural networks", WACV 2017; smoothing, the end at four times the
/// lowest loss and both suggestions are those of the field's tools (fastai, PyTorch Lightning).
package struct LearningRateSearch: Sendable, Hashable {
    /// One step.
    package struct Point: Sendable, Hashable {
        package let learningRate: Double
        /// The step's own loss.
        package let loss: Double
        /// Its exponential moving average, corrected for its start.
        package let smoothed: Double
    }

    /// Why the test ended.
    package enum Ending: String, Sendable, Hashable, CaseIterable {
        /// All steps were made.
        case finished
        /// The smoothed loss rose above four times its lowest value.
        case exploded
        /// A loss or gradient was not finite.
        case notFinite = "not-finite"
        /// It was told to stop.
        case interrupted
    }

    /// The steps that were made, rates rising.
    package private(set) var points: [Point] = []
    package private(set) var ending = Ending.finished
    /// Steps that were planned.
    package let plannedSteps: Int

    /// The first and the last rate.
    package static let lowestRate = 1e-7
    package static let highestRate = 1.0
    /// Share of the earlier average that the smoothed loss keeps.
    private static let smoothing = 0.9
    private static let explosion = 4.0
    private var average = 0.0

    /// - Parameter plannedSteps: at least 2.
    package init(plannedSteps: Int) {
        precondition(plannedSteps >= 2, "a range test needs at least 2 steps, not \(plannedSteps)")
        self.plannedSteps = plannedSteps
    }

    /// The rate of the next step.
    package var nextRate: Double {
        let share = Double(points.count) / Double(plannedSteps - 1)
        return Self.lowestRate * pow(Self.highestRate / Self.lowestRate, share)
    }

    /// Whether another step is to be made.
    package var wantsMore: Bool { ending == .finished && points.count < plannedSteps }

    /// Takes in the loss that was measured before the weights changed at ``nextRate``.
    ///
    /// - Parameter loss: nil where it or a gradient was not finite, which ends the test.
    package mutating func note(loss: Double?) {
        guard let loss, loss.isFinite else {
            ending = .notFinite
            return
        }
        average = Self.smoothing * average + (1 - Self.smoothing) * loss
        let smoothed = average / (1 - pow(Self.smoothing, Double(points.count + 1)))
        points.append(Point(learningRate: nextRate, loss: loss, smoothed: smoothed))
        let lowest = points.map(\.smoothed).min() ?? smoothed
        if smoothed > Self.explosion * lowest { ending = .exploded }
    }

    /// Ends the test where it stands.
    package mutating func interrupt() { ending = .interrupted }

    /// The rate at which the smoothed loss fell fastest over the logarithm of the rate; nil when it never fell.
    ///
    /// The first tenth of the steps, where the average is hardly one yet, is left out.
    package var steepest: Double? {
        let first = max(1, plannedSteps / 10)
        guard hasFallen, points.count > first + 1 else { return nil }
        let slopes = (first..<points.count - 1).map { points[$0 + 1].smoothed - points[$0 - 1].smoothed }
        guard let lowest = slopes.min(), lowest < 0, let place = slopes.firstIndex(of: lowest) else { return nil }
        return points[first + place].learningRate
    }

    /// A tenth of the rate at which the smoothed loss was lowest; nil when it never fell.
    package var tenthOfMinimum: Double? {
        let first = max(1, plannedSteps / 10)
        guard hasFallen, let lowest = points[first...].map(\.smoothed).min(),
            let place = points[first...].firstIndex(where: { $0.smoothed == lowest })
        else { return nil }
        return points[place].learningRate / 10
    }

    /// What counts as a fall of the loss from the first step to the lowest; less is noise.
    private var leastFall: Double { 0.02 * abs(points.first?.smoothed ?? 0) }
    /// Whether the loss fell at all, after the first tenth of the steps, where the average is hardly one yet.
    private var hasFallen: Bool {
        let first = max(1, plannedSteps / 10)
        guard points.count > first, let lowest = points[first...].map(\.smoothed).min() else { return false }
        return lowest < points[first].smoothed - leastFall
    }

    /// The rate to begin with: the smaller of both suggestions, in two digits; nil when the loss never fell.
    package var suggestion: Double? {
        [steepest, tenthOfMinimum].compactMap { $0 }.min().map { rate in
            let unit = pow(10, floor(log10(rate)) - 1)
            // Through its text, so that 0.00012 is the number that one would type.
            return Double(String(format: "%.1e", (rate / unit).rounded() * unit)) ?? rate
        }
    }
}
