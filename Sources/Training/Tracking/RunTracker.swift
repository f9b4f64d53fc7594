/// A program's record of a run, written as the run goes.
///
/// Whatever it throws ends the record and never the run; see ``RunRecorder``.
package protocol RunTracker: AnyObject {
    /// The run begins, or goes on where ``TrackedRun/resumePoint`` says.
    func begin(_ run: TrackedRun) throws
    /// A step or an epoch is done.
    func record(_ line: TrackedLine) throws
    /// Pictures of the validation that `line` tells of, which was recorded before.
    func show(_ pictures: [TrackedPicture], at line: TrackedLine) throws
    /// The run is over, at least for now.
    ///
    /// - Returns: what the user should know of the record, such as the command that uploads it; nil for nothing.
    func end(_ ending: RunEnding) throws -> String?
    /// What the user should know meanwhile; said once.
    func takeRemarks() -> [String]
}

extension RunTracker {
    package func takeRemarks() -> [String] { [] }
}

/// How a run ended, as far as a tracker asks.
package enum RunEnding: Sendable, Hashable, CaseIterable {
    case finished
    /// Told to stop; it can be resumed.
    case interrupted
    case failed
}
