package import Tensors

/// Weights that low-rank updates were added to for good, and what they were before.
///
/// Merged weights are used as any others are; ``unmerge()`` brings the base back to the bit, since it is kept.
package struct MergedUpdates {
    private struct Change {
        let parameter: Parameter
        let base: Tensor
        let updates: [LowRankUpdate]
    }

    private let changes: [Change]

    /// Adds the updates that are attached to parameters to their values, and takes them off.
    package init(of parameters: [Parameter]) {
        changes = parameters.filter { !$0.updates.isEmpty }.map { parameter in
            let change = Change(parameter: parameter, base: parameter.value, updates: parameter.updates)
            parameter.value = GradientRecording.off { parameter.tensor }
            parameter.attach([])
            return change
        }
    }

    /// Number of weights that were changed.
    package var count: Int { changes.count }

    /// Makes values and updates what they were before.
    package func unmerge() {
        for change in changes {
            change.parameter.value = change.base
            change.parameter.attach(change.updates)
        }
    }
}
