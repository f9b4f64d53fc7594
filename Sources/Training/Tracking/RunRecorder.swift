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
        if line.isEpochEnd { show(at: line) }
    }

    /// An image was validated.
    package func show(_ answered: AnsweredImage) { pictures?.add(answered) }

    /// The run is over, at least for now.
    package func end() {
        var remarks: [String] = []
        each { tracker in if let text = try tracker.end(ending) { remarks.append(text) } }
        for text in remarks { remark(text) }
        trackers = []
        if !failed.isEmpty {
            remark("the record of \(failed.joined(separator: " and ")) is incomplete; metrics.jsonl holds all of it")
        }
    }

    private func show(at line: TrackedLine) {
        guard let pictures else { return }
        do {
            let written = try pictures.write(epoch: line.epoch)
            if !written.isEmpty { each { try $0.show(written, at: line) } }
        } catch {
            complain("sample pictures", error)
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
                remark("\(entry.name) no longer records the run, which goes on: \(error)")
            }
            for text in entry.tracker.takeRemarks() { remark("\(entry.name): \(text)") }
        }
        trackers = working
    }

    private var hasComplained = false

    private func complain(_ what: String, _ error: any Error) {
        if !hasComplained { remark("\(what) cannot be written, the run goes on: \(error)") }
        hasComplained = true
    }
}
