private import Foundation
private import Runtime
internal import Training

/// Shows a training run on stderr: a progress line, and a line for each epoch.
final class TrainingDisplay {
    private let console: Console
    private let progress: ProgressReporter
    /// Of the validation in progress.
    private var validation: ProgressReporter?
    /// What the run said of itself when it began.
    private(set) var beginning: TrainingEvent.Beginning?
    /// What was remarked on the way, such as a tracker that failed.
    private(set) var remarks: [String] = []
    /// Records that were left out, and how many of them are told of one by one.
    private var leftOut = 0
    private static let shownRecords = 20

    init(console: Console) {
        self.console = console
        progress = ProgressReporter("training", unit: "steps", console: console)
    }

    func show(_ event: TrainingEvent) {
        switch event {
        case .began(let beginning):
            self.beginning = beginning
            let state = beginning.state
            ClassWarning(beginning)?.lines.forEach(console.warningLine)
            console.remark("memory: about \(ByteSize(bytes: beginning.memory.peakBytes)) at the peak")
            if state.closedEpochs > 0 && state.closedEpochs >= state.plannedEpochs {
                console.remark(
                    "all \(state.closedEpochs) epochs are done; more --epochs would go on"
                )
            } else if state.step > 0 {
                console.remark("going on after step \(state.step) of \(beginning.totalSteps), epoch \(state.epoch + 1)")
            }
        case .stepped(let step):
            let before = beginning?.state.step ?? 0
            progress.update(
                done: step.step - before, total: step.totalSteps - before,
                detail: String(format: "epoch %d, loss %.4f", step.epoch, step.terms.total))
        case .skipped(let skip):
            let before = beginning?.state.step ?? 0
            progress.update(
                done: skip.step - before, total: (beginning?.totalSteps ?? skip.step) - before, detail: "skipped")
        case .validating(let done, let total):
            let reporter = validation ?? ProgressReporter("validating", unit: "images", console: console)
            validation = reporter
            reporter.update(done: done, total: total)
        case .closedEpoch(let epoch):
            finish()
            console.remark(Self.line(epoch))
        case .remarked(let text):
            finish()
            remarks.append(text)
            console.remark(text)
        case .evaluated(let standing):
            finish()
            let part = standing.isOfWholeSet ? "" : " (of the report's part of the set)"
            let name = standing.moment == .start ? "before training" : "best checkpoint" + part
            console.remark("\(name): validation " + TrainingReport.scores(standing.evaluation))
        case .leftOut(let record):
            finish()
            leftOut += 1
            if leftOut <= Self.shownRecords { console.remark(record.finding.description) }
            if leftOut == Self.shownRecords { console.remark("further records like this are in metrics.jsonl") }
        case .planned: break
        }
    }

    func finish() {
        validation?.finish()
        validation = nil
        progress.finish()
    }

    private static func line(_ epoch: TrainingEvent.Epoch) -> String {
        var line = "epoch \(epoch.epoch)/\(epoch.plannedEpochs): "
        line += epoch.loss.isFinite ? String(format: "loss %.4f", epoch.loss) : "nothing was learnt"
        if let validation = epoch.validation {
            line += ", validation " + TrainingReport.scores(validation) + (epoch.isBest ? " (best so far)" : "")
        }
        return line
    }
}
