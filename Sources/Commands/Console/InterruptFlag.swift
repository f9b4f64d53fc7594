private import Foundation
private import Synchronization

/// Turns the first Ctrl-C (or termination request) into a flag that long work looks at; the second one kills.
enum InterruptFlag {
    /// The signal's number, 0 until there was one.
    private static let received = Atomic<Int32>(0)

    static var isRaised: Bool { received.load(ordering: .relaxed) != 0 }

    /// The exit code that shells use for a program that a signal ended.
    static var exitCode: Int32 { 128 + received.load(ordering: .relaxed) }

    /// What the first signal is answered with.
    private static let answer: StaticString = "\nstopping soon, what is done is kept; once more kills\n"

    /// Begins to watch. The signal's handler does what a handler may do: a lock-free store, and system calls.
    static func watch() {
        // Whoever started the program may have left them blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                InterruptFlag.received.store(number, ordering: .relaxed)
                _ = write(STDERR_FILENO, InterruptFlag.answer.utf8Start, InterruptFlag.answer.utf8CodeUnitCount)
                signal(number, SIG_DFL)
            }
        }
    }
}
