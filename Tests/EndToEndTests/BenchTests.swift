import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata-bench` as a developer runs it, without peers, on the smallest case.
@Suite struct BenchTests {
    private static let caseName = "gemm/7x256x256"

    /// Runs the built `samdata-bench`, which stands beside `samdata`.
    func bench(_ arguments: [String]) throws -> BuiltBinary.Outcome {
        try BuiltBinary.runProgram(BuiltBinary.path + "-bench", arguments)
    }

    /// What a real run of the smallest case writes, as text.
    private func results() throws -> String {
        let run = try bench([Self.caseName, "--peers", "none", "--threads", "2", "--json"])
        #expect(run.status == 0, "\(run.stderr)")
        return run.stdout
    }

    /// `check` of a document.
    private func check(_ text: String) throws -> BuiltBinary.Outcome {
        let directory = try TemporaryDirectory()
        try AtomicFileWriter.write(text, to: directory.file("results.json"))
        return try bench(["check", directory.file("results.json")])
    }

    @Test func resultsFollowTheirSchema() throws {
        let document = try JSONDocument.parse(results())
        #expect(try JSONSchemaCheck("bench").violations(of: document) == [])
        let measured = try #require(document["measurements"]?[0])
        #expect(measured["case_name"]?.string == Self.caseName && measured["threads"]?.int == 2)
        #expect(measured["operations"]?.double == 917_504.0)
        let seconds = (measured["ours"]?["samples"]?.array ?? []).compactMap { $0["seconds"]?.double }.sorted()
        #expect(seconds.count == 7 && seconds[3] == measured["ours"]?["median_seconds"]?.double && seconds[0] > 0)
        #expect(measured["ours"]?["peak_memory_bytes"]?.int ?? 0 > 1 << 20)
    }

    /// A missed threshold is an exit code and a sentence; a busy machine and a case that was not run are neither.
    @Test func checkTellsMissedFromBusyAndNotMeasured() throws {
        let text = try results()
        let timing = """
            {"median_processor_seconds": 1e-5, "median_seconds": 1e-5, "peak_memory_bytes": 9,
            "samples": [{"processor_seconds": 1e-5, "seconds": 1e-5}]}
            """
        func with(ratio: String, isQuiet: Bool) -> String {
            let peers = #""peers" : [{"peer": "pytorch", "timing": \#(timing)\#(ratio)}]"#
            return text.replacing(/"peers" : \[\s*\]/, with: peers)
                .replacing(/"is_quiet" : (true|false)/, with: #""is_quiet" : \#(isQuiet)"#)
        }
        let sentence = "\(Self.caseName) on 2 threads: ratio to PyTorch"
        let missed = try check(with(ratio: #", "ratio": 0.5"#, isQuiet: true))
        #expect(missed.status == 1 && missed.stdout.contains("missed: \(sentence) is 0.50"), "\(missed.stdout)")
        let reached = try check(with(ratio: #", "ratio": 99"#, isQuiet: true))
        #expect(reached.status == 0 && !reached.stdout.contains(sentence), "\(reached.stdout)")
        let busy = try check(with(ratio: "", isQuiet: false))
        #expect(busy.status == 0 && busy.stdout.contains("busy machine, no ratio: \(sentence)"), "\(busy.stdout)")
        #expect(busy.stdout.contains("not measured: encoder/vit_b"))
    }

    /// A stand-in for Python that takes a tenth of a second for everything, or fails.
    private func peer(_ answer: String, in directory: TemporaryDirectory) throws -> String {
        let path = directory.file("python")
        let script = """
            #!/bin/bash
            if [ "$2" = versions ]; then echo '{"python": "0", "torch": "0", "segment-anything": "0"}'; exit; fi
            echo '{"ready": true}'
            while read -r repeats; do echo '\(answer)'; done
            """
        try AtomicFileWriter.write(script, to: path)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    @Test func aPeerIsMeasuredInTurn() throws {
        let directory = try TemporaryDirectory()
        let python = try peer(
            #"{"seconds": 0.1, "processor_seconds": 0, "peak_memory_bytes": 7}"#, in: directory)
        let run = try BuiltBinary.runProgram(
            BuiltBinary.path + "-bench", [Self.caseName, "--threads", "1", "--runs", "5", "--json"],
            environment: ["SAMDATA_BENCH_PYTHON": python])
        let document = try JSONDocument.parse(run.stdout)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(try JSONSchemaCheck("bench").violations(of: document) == [])
        #expect(document["versions"]?["peers"]?["torch"]?.string == "0")
        let measured = try #require(document["measurements"]?[0])
        let compared = try #require(measured["peers"]?[0])
        #expect(compared["peer"]?.string == "pytorch" && compared["timing"]?["samples"]?.array?.count == 5)
        let ours = try #require(measured["ours"]?["median_seconds"]?.double)
        // Other tests may keep the machine busy, and then there is none.
        let isQuiet = measured["load"]?["is_quiet"]?.bool == true
        #expect(compared["ratio"]?.double == (isQuiet ? 0.1 / ours : nil))
    }

    /// Our own times are worth having all the same.
    @Test func aPeerThatFailsIsNamed() throws {
        let directory = try TemporaryDirectory()
        let python = try peer(#"{"failure": "MemoryError: none left"}"#, in: directory)
        let run = try BuiltBinary.runProgram(
            BuiltBinary.path + "-bench", [Self.caseName, "--threads", "1"],
            environment: ["SAMDATA_BENCH_PYTHON": python])
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stdout.contains("PyTorch failed at \(Self.caseName): MemoryError: none left"), "\(run.stdout)")
    }

    @Test func thresholdsAreOfCasesThatThereAre() throws {
        let document = try JSONDocument.read(
            path: Repository.root + "/Sources/samdata-bench/Thresholds/thresholds.json")
        #expect(try JSONSchemaCheck("bench-thresholds").violations(of: document) == [])
        let listing = try bench(["--list"])
        let known = Set(listing.stdout.split(separator: "\n").map { $0.prefix { $0 != ":" } }.map(String.init))
        let named = (document["thresholds"]?.array ?? []).compactMap { $0["case_name"]?.string }
        #expect(!named.isEmpty && Set(named).isSubset(of: known), "\(Set(named).subtracting(known).sorted())")
    }

    @Test(
        arguments: [
            (["gem"], 64, "gem"), (["gemm", "--threads", "1,0"], 64, "1,0"), (["gemm", "--runs", "4"], 64, "4"),
            (["gemm", "--peers", "jax"], 64, "jax"), (["check", "nowhere.json"], 66, "nowhere.json"),
            (["check", Repository.root + "/schemas/bench.schema.json"], 65, "bench.schema.json"),
        ] as [([String], Int32, String)])
    func wrongArgumentsAreNamed(arguments: [String], status: Int32, word: String) throws {
        let run = try bench(arguments)
        #expect(run.status == status && run.stderr.contains(word), "\(run.status) \(run.stderr)")
    }
}

extension BenchTests {
    /// Every command runs on a small set and on a larger one, and memory does not follow: the 360 more images would be 83 MB,
    /// held decoded, and 64 MB are allowed for what differs by chance.
    @Test func memoryDoesNotGrowWithTheSet() throws {
        let directory = try TemporaryDirectory()
        let outcome = try bench(["memory", "--images", "60", "--times", "7", "--work", directory.path])
        #expect(outcome.status == 0, "\(outcome)")
        let lines = outcome.stdout.split(separator: "\n")
        for command in ["convert coco, to shards", "audit --fix", "train, one epoch", "evaluate --weights"] {
            #expect(lines.contains { $0.hasPrefix(command) }, "\(outcome.stdout)")
        }
        #expect(try bench(["memory", "--images", "2"]).status == 64)
    }
}
