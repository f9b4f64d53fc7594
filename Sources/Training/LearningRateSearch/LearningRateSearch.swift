private import Foundation

/// What a learning-rate range test found: how the loss changes while the rate rises exponentially from step to step.
///
/// Steps see different images, and a batch of easy ones looks like progress. So each step's images are looked at twice: with
/// the weights as they are by then, and with those of the start. Only the difference counts, and only a fall that is
/// larger than its noise.
///
/// Source: Smith, "Cyclical learning rates for training neural networks", WACV 2017; smoothing, the end at four times the
/// lowest loss and both suggestions are those of the field's tools (fastai, PyTorch Lightning), which do not compare.
package struct LearningRateSearch: Sendable, Hashable {
    /// One step.
    package struct Point: Sendable, Hashable {
        package let learningRate: Double
        /// The step's own loss.
        package let loss: Double
        /// The loss of the same images at the weights of the start.
        package let startLoss: Double
        /// Exponential moving average of the difference of both, corrected for its start.
        package let change: Double
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
    /// Steps that were left out, as f16 overflowed; each was made again at a lower scale of the loss.
    package private(set) var skippedSteps = 0

    /// The first and the last rate.
    package static let lowestRate = 1e-7
    package static let highestRate = 1.0
    /// Share of the earlier average that the smoothed loss keeps.
    private static let smoothing = 0.9
    private static let explosion = 4.0
    /// How many standard deviations of its noise a fall must be, and what share of the loss at the start: below, nobody would
    /// call it one.
    private static let certainty = 4.0
    private static let leastShare = 0.01
    private var average = 0.0
    private var startSum = 0.0
    private var lowestChange = Double.infinity

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
    /// - Parameters:
    ///   - loss: nil where it or a gradient was not finite, which ends the test.
    ///   - startLoss: of the same images at the weights of the start.
    package mutating func note(loss: Double?, startLoss: Double) {
        guard let loss, loss.isFinite, startLoss.isFinite else {
            ending = .notFinite
            return
        }
        average = Self.smoothing * average + (1 - Self.smoothing) * (loss - startLoss)
        let change = average / (1 - pow(Self.smoothing, Double(points.count + 1)))
        points.append(Point(learningRate: nextRate, loss: loss, startLoss: startLoss, change: change))
        startSum += startLoss
        lowestChange = min(lowestChange, change)
        // Next to nothing is no measure of an explosion.
        if startLevel + change > Self.explosion * max(startLevel + lowestChange, 0.1 * startLevel) {
            ending = .exploded
        }
    }

    /// Counts a step that was left out.
    package mutating func skip() { skippedSteps += 1 }

    /// Ends the test where it stands.
    package mutating func interrupt() { ending = .interrupted }

    // MARK: Curves

    /// Mean loss of all steps' images at the weights of the start; 0 without steps.
    package var startLevel: Double {
        points.isEmpty ? 0 : startSum / Double(points.count)
    }

    /// Each step's loss as it would be if its images were like those of all steps.
    package var losses: [Double] {
        let level = startLevel
        return points.map { level + $0.loss - $0.startLoss }
    }

    /// The same as a moving average.
    package var smoothed: [Double] {
        let level = startLevel
        return points.map { level + $0.change }
    }

    // MARK: Suggestions

    /// The rate at which the loss fell fastest over the logarithm of the rate; nil when it never fell.
    package var steepest: Double? {
        guard let lowest = lowestPlace else { return nil }
        let places = firstPlace..<max(firstPlace + 1, min(lowest, points.count - 1))
        let slopes = places.filter { $0 + 1 < points.count }.map { points[$0 + 1].change - points[$0 - 1].change }
        guard let least = slopes.min(), least < 0, let place = slopes.firstIndex(of: least) else { return nil }
        return points[firstPlace + place].learningRate
    }

    /// A tenth of the rate at which the loss was lowest; nil when it never fell.
    package var tenthOfMinimum: Double? { lowestPlace.map { points[$0].learningRate / 10 } }

    /// The first tenth of the steps, where the average is hardly one yet, is left out.
    private var firstPlace: Int { max(1, plannedSteps / 10) }

    /// The step at which the loss was lowest, of those where it had fallen by more than its noise; nil for none.
    private var lowestPlace: Int? {
        let least = Self.leastShare * startLevel
        return (firstPlace..<max(firstPlace, points.count))
            .filter { -points[$0].change > max(Self.certainty * noise(at: $0), least) }
            .min { points[$0].change < points[$1].change }
    }

    /// Standard deviation of the moving average at a step, going by how differences of the steps before it jump.
    private func noise(at place: Int) -> Double {
        let differences = points[max(0, place - 20)...place].map { $0.loss - $0.startLoss }
        let jumps = zip(differences, differences.dropFirst()).map { ($1 - $0) * ($1 - $0) / 2 }
        guard !jumps.isEmpty else { return 0 }
        let variance = jumps.reduce(0, +) / Double(jumps.count)
        // Sum of the squares of the average's weights.
        let (keep, rest) = (Self.smoothing, pow(Self.smoothing, Double(place + 1)))
        return (variance * (1 - keep) / (1 + keep) * (1 - rest * rest) / ((1 - rest) * (1 - rest))).squareRoot()
    }

    /// The rate to begin with: the smaller of both suggestions, in two digits; nil when no rate made the loss fall by more than
    /// its noise.
    package var suggestion: Double? {
        [steepest, tenthOfMinimum].compactMap { $0 }.min().map { rate in
            let unit = pow(10, floor(log10(rate)) - 1)
            // Through its text, so that 0.00012 is the number that one would type.
            return Double(String(format: "%.1e", (rate / unit).rounded() * unit)) ?? rate
        }
    }
}
