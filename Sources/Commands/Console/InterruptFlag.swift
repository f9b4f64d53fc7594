private import Foundation
private import Synchronization

/// Turns the first Ctrl-C (or termination request) into a flag that long work looks at; the second one kills.
enum InterruptFlag {
    /// The exit code that shells use for a program ended by Ctrl-C.
    static let exitCode: Int32 = 128 + SIGINT

    private static let flag = Atomic<Bool>(false)

    static var isRaised: Bool { flag.load(ordering: .relaxed) }

    /// Begins to watch; a lock-free store is all that the signal's handler does, and all that one may do.
    static func watch() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                InterruptFlag.flag.store(true, ordering: .relaxed)
                signal(number, SIG_DFL)
            }
        }
    }
}
