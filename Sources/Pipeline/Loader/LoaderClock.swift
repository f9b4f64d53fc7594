private import Synchronization

/// Adds up the time that threads spend on each kind of work.
final class LoaderClock: Sendable {
    private let totals = Mutex<[LoaderWork: Duration]>([:])

    /// Time by kind of work, summed over all threads, in seconds.
    var seconds: [LoaderWork: Double] { totals.withLock { $0.mapValues { $0 / .seconds(1) } } }

    /// Adds what one thread has noted.
    func add(_ laps: LoaderLaps) {
        totals.withLock { totals in
            for (work, duration) in laps.durations { totals[work, default: .zero] += duration }
        }
    }
}

/// The times of one sample, on one thread.
struct LoaderLaps {
    private(set) var durations: [(work: LoaderWork, duration: Duration)] = []
    private var last = ContinuousClock.now

    /// Ends a stretch of work, which began where the one before ended.
    mutating func end(_ work: LoaderWork) {
        let now = ContinuousClock.now
        durations.append((work, now - last))
        last = now
    }
}
