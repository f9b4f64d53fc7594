package import Metrics

/// One figure of a model, of the one before it, and how far they differ, each with its interval.
package struct MetricChange: Sendable, Hashable {
    /// Of the model that the comparison began with; nil without one.
    package var before: ConfidenceInterval?
    /// Of the model in question.
    package var after: ConfidenceInterval?
    /// The mean of the objects' differences, after minus before, over those for which both are defined.
    package var difference: ConfidenceInterval?

    package init(before: ConfidenceInterval?, after: ConfidenceInterval?, difference: ConfidenceInterval?) {
        self.before = before
        self.after = after
        self.difference = difference
    }

    /// How a difference is to be read.
    package enum Verdict: String, Sendable, Hashable {
        case better
        case worse
        /// The interval holds 0.
        case same
    }

    /// What the interval of the difference says; nil without an interval.
    package func verdict(prefersMore: Bool) -> Verdict? {
        guard let bounds = difference?.bounds else { return nil }
        if bounds.lowerBound > 0 { return prefersMore ? .better : .worse }
        if bounds.upperBound < 0 { return prefersMore ? .worse : .better }
        return .same
    }
}
