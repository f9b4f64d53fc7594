internal import Foundation
internal import Runtime

/// That one process trains in a run's folder: two would write each other's lines and checkpoints.
///
/// A lock of the folder itself, which the system takes back when the process ends, however it ends.
package final class RunLock {
    private let descriptor: Int32

    /// - Throws: `TrainingError.busy` when another holds it.
    init(_ folder: RunFolder) throws(TrainingError) {
        let opened = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // Where a file system has no locks, or the folder cannot be opened, nothing is held; who writes there will say the latter.
        if opened >= 0, flock(opened, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(opened)
            throw TrainingError(
                .busy,
                "is the folder of a run that another process is training; wait for its end, or give another --output",
                at: DataLocation(path: folder.path))
        }
        descriptor = opened
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
