private import Foundation

/// The learning rate of each step: a linear warm-up, then a course.
package struct LearningRateSchedule: Sendable, Hashable {
    /// The course after the warm-up. Those that fall end at the last step.
    package enum Decay: Sendable, Hashable {
        case constant
        /// Half a cosine from the base rate down to `finalFraction` of it.
        case cosine(finalFraction: Double)
        /// Down to `finalFraction` of the base rate with the power of the share of steps that is left. Source: SAMed, after
        /// DeepLab.
        case polynomial(power: Double, finalFraction: Double)
        /// Times `factor` at each of these shares of all steps, 0...1. Source: SAM paper, appendix A (0.667 and 0.963).
        case steps(at: [Double], factor: Double)
        /// Up along half a cosine from a 25th of the base rate to it, over three tenths of the course, then down along
        /// another to `finalFraction` of the base rate.
        ///
        /// Source: Smith and Topin, "Super-convergence", 2017, in the shape of PyTorch's `OneCycleLR`.
        case oneCycle(finalFraction: Double)
    }

    /// The rate at the end of the warm-up; of one cycle, its highest.
    package let baseRate: Double
    /// Steps of the warm-up; step i of them has the course's first rate times `(i + 1) / warmupSteps`.
    package let warmupSteps: Int
    /// Steps in all, warm-up included.
    package let totalSteps: Int
    package let decay: Decay

    package init(baseRate: Double, warmupSteps: Int, totalSteps: Int, decay: Decay) {
        precondition(
            warmupSteps >= 0 && totalSteps >= 0, "warm-up \(warmupSteps) and total \(totalSteps) are not negative")
        self.baseRate = baseRate
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
        self.decay = decay
    }

    /// The rate of a step, from 0; steps behind the last one have the last one's.
    package func rate(atStep step: Int) -> Double {
        let step = min(step, max(0, totalSteps - 1))
        if step < warmupSteps { return firstRate * Double(step + 1) / Double(warmupSteps) }
        switch decay {
        case .constant: return baseRate
        case .cosine(let finalFraction):
            return Self.halfCosine(from: baseRate, to: baseRate * finalFraction, at: progress(step))
        case .polynomial(let power, let finalFraction):
            let low = baseRate * finalFraction
            return low + (baseRate - low) * pow(1 - progress(step), power)
        case .steps(let shares, let factor):
            let passed = shares.count { step >= Int(($0 * Double(totalSteps)).rounded()) }
            return baseRate * pow(factor, Double(passed))
        case .oneCycle(let finalFraction):
            let length = max(1, totalSteps - warmupSteps)
            let place = Double(min(step - warmupSteps, length - 1))
            let (top, end) = (Self.risingShare * Double(length) - 1, Double(length - 1))
            return place <= top
                ? Self.halfCosine(from: firstRate, to: baseRate, at: top > 0 ? place / top : 1)
                : Self.halfCosine(from: baseRate, to: baseRate * finalFraction, at: (place - top) / (end - top))
        }
    }

    /// Of one cycle: the part in which the rate rises, and by what it does.
    private static let risingShare = 0.3
    private static let rise = 25.0

    /// The rate with which the course begins.
    private var firstRate: Double {
        if case .oneCycle = decay { return baseRate / Self.rise }
        return baseRate
    }

    /// How far the course is, 0 at its first step and 1 at its last.
    private func progress(_ step: Int) -> Double {
        min(1, Double(step - warmupSteps) / Double(max(1, totalSteps - warmupSteps - 1)))
    }

    private static func halfCosine(from start: Double, to end: Double, at progress: Double) -> Double {
        end + (start - end) * (1 + cos(.pi * progress)) / 2
    }
}
