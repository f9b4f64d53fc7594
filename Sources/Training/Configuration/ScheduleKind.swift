/// The course of the learning rate after its warm-up.
package enum ScheduleKind: String, Sendable, Hashable, CaseIterable {
    /// Half a cosine.
    case cosine
    case constant
    /// A power of the share that is left.
    case polynomial
    /// Down by a factor at given shares of all steps.
    case step
    /// Down by a factor when validations no longer improve.
    case plateau
    /// Up along half a cosine for three tenths of all steps, then down along another.
    case oneCycle = "one-cycle"
}
