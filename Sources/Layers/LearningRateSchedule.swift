private import Foundation

/// The learning rate of each step: a linear warm-up, then constant or falling along half a cosine.
package struct LearningRateSchedule: Sendable, Hashable {
    /// The course after the warm-up.
    package enum Decay: Sendable, Hashable {
        case constant
        /// Half a cosine from the base rate down to `finalFraction` of it at the last step.
        case cosine(finalFraction: Double)
    }

    /// The rate at the end of the warm-up.
    package let baseRate: Double
    /// Steps of the warm-up; step i of them has `baseRate * (i + 1) / warmupSteps`.
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
        if step < warmupSteps { return baseRate * Double(step + 1) / Double(warmupSteps) }
        switch decay {
        case .constant: return baseRate
        case .cosine(let finalFraction):
            let length = max(1, totalSteps - warmupSteps - 1)
            let progress = min(1, Double(step - warmupSteps) / Double(length))
            let low = baseRate * finalFraction
            return low + (baseRate - low) * (1 + cos(.pi * progress)) / 2
        }
    }
}
