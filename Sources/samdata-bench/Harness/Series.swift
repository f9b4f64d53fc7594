import Foundation

/// The runs of several programs, turn by turn, in parts that are each either quiet or not.
///
/// Runs that take seconds are a part each, so that work of others which comes and goes costs some of them and not all;
/// quick ones are one part together. What counts is chosen by what else the machine did, never by the times.
struct Series {
    /// The programs, in the order of their turns.
    let contestants: [Contestant]
    /// Runs of each program that are wanted.
    let runs: Int
    /// Times that each run is repeated.
    let repeats: Int
    /// The load during each part.
    private var loads: [MachineLoad] = []
    /// Runs of each program in a part.
    private let runsPerPart: Int

    /// When all programs together take longer for one run, it is a part of its own.
    private static let longRound = 2.0
    /// - Parameters:
    ///   - contestants: all prepared.
    ///   - runs: at least 1.
    ///   - repeats: of each run.
    ///   - roundSeconds: about what one run of all of them takes.
    init(_ contestants: [Contestant], runs: Int, repeats: Int, roundSeconds: Double) {
        self.contestants = contestants
        self.runs = runs
        self.repeats = repeats
        runsPerPart = roundSeconds > Self.longRound ? 1 : runs
    }

    /// Makes the runs, and goes on until enough of them were quiet or the time is over.
    mutating func run(until deadline: ContinuousClock.Instant) {
        repeat {
            runPart(until: deadline)
        } while quietParts.count * runsPerPart < runs
            && (loads.count * runsPerPart < runs || ContinuousClock.now < deadline)
    }

    private mutating func runPart(until deadline: ContinuousClock.Instant) {
        for contestant in contestants { contestant.beginPart() }
        let before = MachineLoad.busyProcessors(waitingUntil: deadline)
        let start = ProcessorTicks.now()
        var ownSeconds = 0.0
        for _ in 0..<runsPerPart {
            for contestant in contestants {
                ownSeconds += contestant.measure(repeats: repeats) + contestant.settle()
            }
        }
        let during = ProcessorTicks.now().busyProcessors(since: start, ownSeconds: ownSeconds)
        loads.append(MachineLoad(before: before, during: during, after: MachineLoad.busyProcessors()))
    }

    private var quietParts: [Int] { loads.indices.filter { loads[$0].isQuiet } }

    /// The parts that count: the quiet ones where they are enough, else all of them.
    var chosenParts: [Int] {
        quietParts.count * runsPerPart >= runs ? quietParts : Array(loads.indices)
    }

    /// The load that counts: the worst of the parts that do.
    var load: MachineLoad {
        let chosen = chosenParts.map { loads[$0] }
        func worst(_ part: (MachineLoad) -> Double) -> Double { chosen.map(part).max() ?? 0 }
        return MachineLoad(before: worst(\.busyBefore), during: worst(\.busyDuring), after: worst(\.busyAfter))
    }
}
