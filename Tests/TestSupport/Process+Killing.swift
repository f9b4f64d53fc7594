package import Foundation

extension Process {
    /// Ends a server that a test started, and the processes that it made, and waits until it is gone.
    ///
    /// Not by SIGTERM: a program inherits the signals that the thread that starts it has blocked, and the threads of tests
    /// block most. Foundation makes each process the leader of a group, which its own processes belong to.
    package func killGroup() {
        guard isRunning else { return }
        let isLeader = getpgid(processIdentifier) == processIdentifier
        kill(isLeader ? -processIdentifier : processIdentifier, SIGKILL)
        waitUntilExit()
    }
}
