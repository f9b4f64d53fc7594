/// Where a resumed run goes on, for those who wrote down more of it than there is a checkpoint of.
///
/// Everything later is trained again, to the same numbers, and would otherwise stand twice in their files.
package struct ResumePoint: Sendable, Hashable {
    /// Optimiser steps of the checkpoint.
    package let step: Int
    /// Whether the end of its last epoch is done as well: validation, pictures.
    package let isEpochClosed: Bool

    package init(step: Int, isEpochClosed: Bool) {
        self.step = step
        self.isEpochClosed = isEpochClosed
    }

    init(_ state: TrainingState) {
        self.init(step: state.step, isEpochClosed: state.closedEpochs == state.epoch)
    }

    /// Whether what was written at a step is still true.
    package func keeps(step: Int, of moment: TrackedLine.Moment) -> Bool {
        switch moment {
        case .step: step <= self.step
        case .epochEnd: step < self.step || step == self.step && isEpochClosed
        // A run that goes on is compared once more at its end.
        case .runEnd: false
        }
    }
}
