/// How samples are balanced by class.
package struct BalanceSettings: Sendable, Hashable {
    /// What a class's frequency makes of its samples.
    package enum Method: String, Sendable, Hashable, CaseIterable {
        /// LVIS: `r(c) = max(1, sqrt(t / f(c)))`, f the share of samples with the class (Gupta et al. 2019).
        case repeatFactor = "repeat-factor"
        /// The same with the geometric mean of the shares of samples and of objects as f (Yaman et al. 2023).
        case instanceRepeatFactor = "instance-repeat-factor"
        /// Weights `1 / n(c)`, n the number of objects.
        case inverseFrequency = "inverse-frequency"
        /// Weights `(1 - beta) / (1 - beta^n(c))` (Cui et al. 2019).
        case effectiveNumber = "effective-number"
        /// 1 for every class; only cap and minimum act.
        case none
    }

    package var method = Method.repeatFactor
    /// t of the repeat factors.
    package var threshold = 0.001
    /// beta of the effective number.
    package var beta = 0.999
    /// The most that a sample comes up in an epoch.
    package var maximumRepeat: Double?
    /// Objects of a class in an epoch from which samples that hold nothing but such classes come up less often. No class
    /// comes up more often than this, or than it stands in the samples where that is more, for the sake of others.
    package var cap: Int?
    /// Objects of a class in an epoch below which its samples come up more often, as far as ``maximumRepeat`` lets them.
    package var minimum: Int?

    package init() {}
}
