package import JSONText
private import Pipeline
package import Runtime

/// A record of the training shards that a run has left out, since it cannot be read; see
/// ``TrainingConfiguration/skipCorrupt``.
package struct LeftOutRecord: Sendable, Hashable {
    /// Number of the record in the set.
    package let index: Int
    /// File, offset, record and reason.
    package let finding: Finding

    package init(index: Int, finding: Finding) {
        self.index = index
        self.finding = finding
    }

    /// Rule, file, offset, record, image and message.
    package var json: JSONValue { finding.recordJSON }

    /// The record's line in `metrics.jsonl`.
    ///
    /// - Parameters:
    ///   - step: in which it was left out.
    ///   - epoch: in progress, from 1.
    func line(step: Int, epoch: Int) -> JSONValue {
        .object(
            [
                JSONMember("kind", "left_out"), JSONMember("step", .integer(Int64(step))),
                JSONMember("epoch", .integer(Int64(epoch))),
            ] + (json.object ?? []))
    }
}
