private import Foundation
package import JSONText

/// Hands what happens in a run to its trackers.
///
/// A tracker that fails is heard of once, then left alone; the run goes on, and `metrics.jsonl` is whole without it.
package final class RunRecorder {
    private var trackers: [(name: String, tracker: any RunTracker)]
    private var failed: [String] = []
    /// How the run ended, until it is known better.
    package var ending = RunEnding.failed
    private let pictures: SamplePictures?
    private let remark: (String) -> Void
    private var hasComplained = false

    /// - Parameters:
    ///   - trackers: with what they are called in remarks.
    ///   - pictures: of validated images; nil for none.
    ///   - remark: says something to the user.
    package init(
        _ trackers: [(name: String, tracker: any RunTracker)], pictures: SamplePictures?,
        remark: @escaping (String) -> Void
    ) {
        self.trackers = trackers
        self.pictures = pictures
        self.remark = remark
    }

    /// The run begins, or goes on.
    package func begin(_ run: TrackedRun) { each { try $0.begin(run) } }

    /// A line was written to `metrics.jsonl`.
    package func record(_ line: JSONValue) {
        guard let line = TrackedLine(line, time: Date().timeIntervalSince1970) else { return }
        each { try $0.record(line) }
        guard line.isEpochEnd, let drawn = pictures?.take(), !drawn.isEmpty else { return }
        each { try $0.show(drawn, at: line) }
    }

    /// An image was validated.
    package func show(_ answered: AnsweredImage, epoch: Int) {
        do {
            try pictures?.add(answered, epoch: epoch)
        } catch {
            if !hasComplained { remark("warning: sample pictures cannot be written, the run goes on: \(error)") }
            hasComplained = true
        }
    }

    /// The run is over, at least for now.
    package func end() {
        var remarks: [String] = []
        each { tracker in if let text = try tracker.end(ending) { remarks.append(text) } }
        for text in remarks { remark(text) }
        trackers = []
        if !failed.isEmpty {
            remark(
                "warning: the record of \(failed.joined(separator: " and ")) is incomplete; metrics.jsonl holds all of it"
            )
        }
    }

    private func each(_ body: (any RunTracker) throws -> Void) {
        var working: [(name: String, tracker: any RunTracker)] = []
        for entry in trackers {
            do {
                try body(entry.tracker)
                working.append(entry)
            } catch {
                failed.append(entry.name)
                remark("warning: \(entry.name) no longer records the run, which goes on: \(error)")
            }
            for text in entry.tracker.takeRemarks() { remark("\(entry.name): \(text)") }
        }
        trackers = working
    }
}
