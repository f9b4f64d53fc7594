/// How an object is asked for in a training step.
package enum PromptProtocol: String, Sendable, Hashable, CaseIterable {
    /// Once, with a box or a point.
    case single
    /// A box or point, then clicks where the mask is wrong: 11 rounds. Source: Kirillov et al., "Segment Anything", 2023,
    /// appendix A.
    case interactive
    /// Points and boxes in turn, then a click of each kind where the mask is wrong: 8 rounds. Source: Archit et al., "Segment
    /// Anything for Microscopy", 2025.
    case microSAM = "micro-sam"
}
