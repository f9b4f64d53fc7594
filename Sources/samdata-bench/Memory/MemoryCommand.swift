import ArgumentParser
import Foundation
import Runtime

/// Shows that commands need no more memory for a larger data set but for tables of what is in it.
struct MemoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Run samdata's commands on a data set and on one several times as large, and compare their memory.",
        discussion: """
            The last column is what another image costs: entries of tables (names, ids, places in files), never the image \
            or its masks, whose bytes are named above the table. The exit code is 1 when it is more than a quarter of them.

            Example: samdata-bench memory --images 2000
            """)

    @Option(help: "Images of the smaller set; commands that ask a model get a fiftieth.")
    var images = 2000

    @Option(help: "How many times as large the other set is.")
    var times = 10

    @Option(help: "Folder for the sets (default: the bench's own).")
    var work: String?

    /// The part of the set that models are asked about.
    private static let modelShare = 50
    /// Bytes that two runs of the same work differ by: threads meet at other moments, and pages of files are given back
    /// when there may be 64 MB of them.
    private static let noise = 64 << 20

    func validate() throws {
        guard (50...1_000_000).contains(images) else {
            throw ValidationError("--images must be between 50 and 1000000, not \(images).")
        }
        guard (2...1000).contains(times) else { throw ValidationError("--times must be between 2 and 1000.") }
    }

    func run() throws {
        let base = work ?? PeerEnvironment.home + "/memory"
        let samdata = FileSystem.join(FileSystem.folder(of: CommandLine.arguments[0]), "samdata")
        var rows: [Row] = []
        for usesModel in [false, true] {
            let count = usesModel ? max(8, images / Self.modelShare) : images
            let inputs = try [count, count * times].map { try input($0, in: base) }
            rows += try measure(MemoryStep.all.filter { $0.usesModel == usesModel }, inputs, samdata)
        }
        let bytes = try MemoryInput(folder: "\(base)/\(images)", images: images).size() / images
        print("An image and its labels are \(bytes) bytes on disk, 230400 decoded.\n")
        print(Self.table(rows, times: times))
        let worst = rows.filter { $0.growth > Double(bytes) / 4 }
        for row in worst { print("grows with the set: \(row.title)") }
        if !worst.isEmpty { throw ExitCode(1) }
    }

    struct Row {
        let title: String
        let images: Int
        let peaks: [Int]
        /// Bytes that another image costs.
        let growth: Double
    }

    /// Makes a set in a process of its own, so that this one stays small.
    private func input(_ count: Int, in base: String) throws -> MemoryInput {
        let folder = "\(base)/\(count)"
        let made = try MeasuredProcess.run(CommandLine.arguments[0], ["memory-input", folder, "\(count)"])
        guard made.status == 0 else { throw BenchError(.answer, "the set in \(folder) could not be made") }
        return MemoryInput(folder: folder, images: count)
    }

    private func measure(_ steps: [MemoryStep], _ inputs: [MemoryInput], _ samdata: String) throws -> [Row] {
        for input in inputs { try input.clear() }
        // What models are asked about are shards of the smaller sets.
        if let first = steps.first, first.usesModel {
            for input in inputs {
                let outcome = try MeasuredProcess.run(samdata, MemoryStep.all[0].arguments(input, input.output))
                guard outcome.status == 0 else { throw BenchError(.answer, "shards of \(input.folder) failed") }
            }
        }
        return try steps.map { step in
            let peaks = try inputs.map { input in
                let arguments = step.arguments(input, input.output)
                let outcome = try MeasuredProcess.run(samdata, arguments)
                guard step.statuses.contains(outcome.status) else {
                    throw BenchError(
                        .answer, "exit code \(outcome.status) of: samdata \(arguments.joined(separator: " "))")
                }
                FileHandle.standardError.write(
                    Data("\(step.title), \(input.images) images: \(outcome.peakMemoryBytes >> 20) MB\n".utf8))
                return outcome.peakMemoryBytes
            }
            let more = Double(inputs[1].images - inputs[0].images)
            return Row(
                title: step.title, images: inputs[0].images, peaks: peaks,
                growth: Double(max(0, peaks[1] - peaks[0] - Self.noise)) / more)
        }
    }

    private static func table(_ rows: [Row], times: Int) -> String {
        let heading = ["command", "images", "peak", "\(times) x images", "bytes an image"]
        let lines = rows.map { row in
            [row.title, "\(row.images)"] + row.peaks.map { "\($0 >> 20) MB" }
                + [String(format: "%.0f", Double(row.peaks[1] - row.peaks[0]) / Double(row.images * (times - 1)))]
        }
        return ResultTable.aligned([heading] + lines, words: [0]).joined(separator: "\n")
    }
}

/// Makes one set.
struct MemoryInputCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory-input", abstract: "Write a data set of so many images.", shouldDisplay: false)

    @Argument var folder: String
    @Argument var images: Int

    func run() throws { try MemoryInput(folder: folder, images: images).make() }
}
