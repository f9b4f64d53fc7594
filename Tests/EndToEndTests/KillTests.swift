import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// Runs that are killed with SIGKILL, at any moment, again and again.
@Suite struct KillTests {
    /// What the run is made of, by options.
    static let recipes: [[String]] = [
        ["--set", "checkpoint-every=0"],
        [
            "--set", "checkpoint-every=0", "--optimizer", "sgd", "--schedule", "plateau", "--set", "ema=0.9", "--set",
            "plateau-patience=1", "--precision", "f16", "--set", "loss-scale=1e20", "--patience", "4",
        ],
    ]

    /// Files of a checkpoint by name.
    private func files(_ name: String, of run: String, in directory: TemporaryDirectory) throws -> [String: [UInt8]] {
        let folder = directory.file("\(run)/checkpoints/\(name)")
        return try FileSystem.list(folder).reduce(into: [:]) { $0[$1] = try FileSystem.read(folder + "/" + $1) }
    }

    /// The lines of the log without what depends on the clock and the machine.
    private func metrics(of run: String, in directory: TemporaryDirectory) throws -> [JSONValue] {
        try String(decoding: FileSystem.read(directory.file(run + "/metrics.jsonl")), as: UTF8.self)
            .split(separator: "\n").map { line in
                let members = try JSONDocument.parse(String(line)).object ?? []
                return .object(
                    members.filter {
                        !["seconds", "peak_memory_bytes", "loader_wait", "encoded_images"].contains($0.name)
                    })
            }
    }

    /// Resumed until it is done, such a run ends with the bytes of one that was left alone.
    @Test(arguments: recipes.indices)
    func aKilledRunEndsAsIfItWasNot(recipe: Int) throws {
        let directory = try TrainingFixture.prepared()
        let options =
            Self.recipes[recipe] + ["--val", "shards", "--epochs", "10", "--seed", "3", "--set", "report=false"]
        let whole = try TrainingFixture.train(["-o", "whole"] + options, in: directory)
        #expect(whole.status == 0, "\(whole.stderr)")
        var random = CounterRandom(seed: 5, sample: UInt64(recipe), purpose: RandomPurpose("kills"))
        var kills = 0
        var isDone = false
        while !isDone {
            // What was killed before it was a run at all begins as a run does.
            let isThere = FileSystem.exists(directory.file("run/config.yaml"))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: BuiltBinary.path)
            process.arguments =
                isThere
                ? ["train", "-o", "run", "--resume"]
                : ["train", "shards", "--weights", TrainingFixture.weights, "-o", "run", "--force"] + options
            process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
            process.standardOutput = FileHandle.nullDevice
            let errors = directory.file("stderr")
            _ = FileManager.default.createFile(atPath: errors, contents: nil)
            process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
            try process.run()
            // Later attempts live longer, so that the run gets to its end on any machine.
            let life = 4000 * (kills / 4 + 1) + random.index(below: 20_000 * (kills / 4 + 1))
            usleep(UInt32(min(life, 10_000_000)))
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
            if process.terminationReason == .exit {
                let message = try String(contentsOfFile: errors, encoding: .utf8)
                #expect(process.terminationStatus == 0, "\(message)")
                isDone = true
            } else {
                kills += 1
            }
        }
        #expect(kills >= 4)
        for name in ["last", "best"] {
            let (expected, found) = (
                try files(name, of: "whole", in: directory), try files(name, of: "run", in: directory)
            )
            #expect(Set(found.keys) == Set(expected.keys))
            for file in expected.keys { #expect(found[file] == expected[file], "\(name)/\(file)") }
        }
        #expect(try metrics(of: "run", in: directory) == metrics(of: "whole", in: directory))
        // Nothing half-written is left beside the checkpoints.
        let left = try FileSystem.list(directory.file("run/checkpoints"))
        #expect(left.allSatisfy { !$0.hasPrefix(".") || $0.hasSuffix(".tmp") } && left.count <= 8, "\(left)")
    }
}
