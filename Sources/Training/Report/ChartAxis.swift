private import Foundation

/// One axis of a chart: a range, and the round numbers in it that are written down.
package struct ChartAxis: Sendable, Hashable {
    /// What is shown; never empty.
    package let range: ClosedRange<Double>
    /// Round numbers within the range, ascending; at least two.
    package let ticks: [Double]
    /// Distance of two ticks.
    private let step: Double

    /// An axis that holds all values.
    ///
    /// - Parameters:
    ///   - values: those that are not finite are passed over; without any the axis goes from 0 to 1.
    ///   - steps: about how many steps are wanted, at least 1.
    ///   - wholeNumbers: whether ticks between whole numbers would mean nothing.
    ///   - endsAtTicks: whether the range is widened to the next ticks.
    package init(
        holding values: [Double], steps: Int = 5, wholeNumbers: Bool = false, endsAtTicks: Bool = true
    ) {
        // Beyond this a step could not be told from nothing.
        let values = values.filter { abs($0) < 1e15 }
        var low = values.min() ?? 0
        var high = values.max() ?? 1
        if high - low < 1e-12 * max(abs(low), abs(high)) || high == low {
            let half = low == 0 ? 0.5 : abs(low) / 2
            (low, high) = wholeNumbers ? (low - 1, high + 1) : (low - half, high + half)
        }
        let step = Self.roundStep((high - low) / Double(max(1, steps)), wholeNumbers: wholeNumbers)
        // An axis with fewer than two ticks says nothing.
        let isWidened = endsAtTicks || (low / step).rounded(.up) >= (high / step).rounded(.down)
        let first = isWidened ? (low / step + 1e-9).rounded(.down) : (low / step - 1e-9).rounded(.up)
        let end = isWidened ? (high / step - 1e-9).rounded(.up) : (high / step + 1e-9).rounded(.down)
        // All values may be at one tick.
        let last = max(end, first + 1)
        self.step = step
        range = isWidened ? first * step...last * step : low...high
        ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
    }

    /// The least of 1, 2 and 5 times a power of ten that is not below a step.
    private static func roundStep(_ wanted: Double, wholeNumbers: Bool) -> Double {
        let power = pow(10, log10(wanted).rounded(.down))
        let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= wanted * (1 - 1e-9) } ?? 10 * power
        return wholeNumbers ? max(1, step) : step
    }

    /// Where a value lies, 0...1 within the range.
    package func place(of value: Double) -> Double {
        (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    /// A tick as text, with as many digits as the ticks need to differ, in powers of ten where they are tiny or huge.
    package func label(_ tick: Double) -> String {
        let largest = max(abs(range.lowerBound), abs(range.upperBound))
        if tick == 0 || abs(tick) < step / 2 { return "0" }
        if largest < 0.01 || largest >= 1e6 {
            let power = Int(log10(largest).rounded(.down))
            let digits = max(0, power - Int((log10(step) + 1e-9).rounded(.down)))
            return String(format: "%.\(digits)fe%d", tick / pow(10, Double(power)), power)
        }
        let digits = max(0, -Int((log10(step) + 1e-9).rounded(.down)))
        return String(format: "%.\(digits)f", tick)
    }
}
