private import Foundation
internal import JSONText
internal import Pipeline
private import Runtime

/// What `samdata bench loader` prints; `schemas/bench-loader.schema.json` describes the JSON form.
struct LoaderReport {
    let shards: String
    let trial: LoaderTrial
    let threads: Int
    let outcome: LoaderTrial.Outcome
    /// What is wrong with shards of which records may not be there at all.
    let damages: [String]

    private func perSecond(_ value: Double) -> Double { outcome.seconds > 0 ? value / outcome.seconds : 0 }
    private var megabytesPerSecond: Double { perSecond(Double(outcome.bytes) / 1e6) }

    /// The kinds of work that were done, in their order.
    private var works: [(work: LoaderWork, seconds: Double)] {
        LoaderWork.allCases.compactMap { work in outcome.workSeconds[work].map { (work, $0) } }
    }

    var text: String {
        let left = outcome.findings.isEmpty ? "" : ", \(outcome.findings.count) records left out"
        let rank = trial.share.worldSize > 1 ? ", rank \(trial.share.rank) of \(trial.share.worldSize)" : ""
        let total = works.reduce(0) { $0 + $1.seconds }
        var table = TextTable([("work", .left), ("seconds", .right), ("share", .right), ("ms a sample", .right)])
        let turns = Double(max(1, outcome.samples))
        for (work, seconds) in works {
            table.add([
                work.title, String(format: "%.3f", seconds),
                String(format: "%.1f %%", total > 0 ? 100 * seconds / total : 0),
                String(format: "%.3f", 1000 * seconds / turns),
            ])
        }
        return """
            order    \(trial.shuffle), batches of \(trial.batchSize), \(threads) threads\(rank)
            samples  \(outcome.samples), \(outcome.objects) objects, \(ByteSize(bytes: outcome.bytes)) \
            in \(ProgressReporter.duration(outcome.seconds))\(left)
            speed    \(String(format: "%.1f", perSecond(Double(outcome.samples)))) samples/s, \
            \(String(format: "%.1f", megabytesPerSecond)) MB/s
            waiting  \(String(format: "%.3f", outcome.waitSeconds)) s of the consumer, who does nothing else
            memory   \(ByteSize(bytes: ResourceUsage.peakMemoryBytes)) at most

            \(table.render())
            """
    }

    var json: JSONValue {
        .object(
            [JSONMember("schema_version", 1), JSONMember("command", "bench loader")] + settings + results)
    }

    private var settings: [JSONMember] {
        [
            JSONMember("shards", .string(shards)), JSONMember("shuffle", .string(trial.shuffle.description)),
            Self.member("batch_size", trial.batchSize), Self.member("threads", threads),
            JSONMember("seed", .integer(Int64(bitPattern: trial.seed))), Self.member("rank", trial.share.rank),
            Self.member("world_size", trial.share.worldSize),
            JSONMember("last_turn", .string(trial.share.lastTurn.rawValue)),
            Self.member("resize", trial.longestSide),
        ]
    }

    private var results: [JSONMember] {
        let work = works.map { JSONMember($0.work.rawValue, .number($0.seconds)) }
        let state = [Self.member("epoch", outcome.state.epoch), Self.member("position", outcome.state.position)]
        return [
            Self.member("samples", outcome.samples), Self.member("objects", outcome.objects),
            Self.member("batches", outcome.batches), Self.member("bytes", outcome.bytes),
            JSONMember("seconds", .number(outcome.seconds)),
            JSONMember("samples_per_second", .number(perSecond(Double(outcome.samples)))),
            JSONMember("megabytes_per_second", .number(megabytesPerSecond)),
            JSONMember("wait_seconds", .number(outcome.waitSeconds)), JSONMember("work_seconds", .object(work)),
            JSONMember("state", .object(state)), JSONMember("left_out", .array(outcome.findings.map(\.recordJSON))),
            JSONMember("damaged_shards", .array(damages.map { .string($0) })),
            Self.member("peak_memory_bytes", ResourceUsage.peakMemoryBytes),
        ]
    }

    private static func member(_ name: String, _ value: Int?) -> JSONMember {
        JSONMember(name, value.map { JSONValue.integer(Int64($0)) } ?? .null)
    }
}
