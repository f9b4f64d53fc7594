import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata evaluate` as a user runs it, on a tiny model.
@Suite struct EvaluateTests {
    private func evaluate(_ arguments: [String], in directory: TemporaryDirectory) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["evaluate"] + arguments, in: directory.path)
    }

    /// Blocks fill their boxes, so that the trivial answer to a box is perfect.
    @Test func theTableComparesBeforeAfterAndTrivial() throws {
        let directory = try TrainingFixture.prepared()
        #expect(try TrainingFixture.train(in: directory).status == 0)
        let run = try evaluate(["shards", "--weights", "run", "--before", TrainingFixture.weights], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        let rows = run.stdout.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        for kind in ["box", "point"] {
            for masks in ["before", "after", "trivial"] {
                #expect(rows.contains { $0.starts(with: [kind, masks]) }, "\(run.stdout)")
            }
        }
        #expect(rows.contains(["box", "trivial", "1.000", "1.000", "1.000", "0.00", "0"]), "\(run.stdout)")
        #expect(run.stdout.hasPrefix("shards: 5 images, 10 objects"))
    }

    @Test func jsonFollowsItsSchemaAtAnyThreadCount() throws {
        let directory = try TrainingFixture.prepared()
        let documents = try [1, 3].map { threads in
            let run = try evaluate(
                [
                    "shards", "--weights", TrainingFixture.weights, "--before", "random", "--json", "--threads",
                    "\(threads)",
                ],
                in: directory)
            #expect(run.status == 0, "\(run.stderr)")
            return try JSONDocument.parse(run.stdout)
        }
        for document in documents { #expect(try JSONSchemaCheck("evaluate").violations(of: document) == []) }
        func scores(_ document: JSONValue) -> [[JSONValue?]] {
            (document["results"]?.array ?? []).map { [$0["name"], $0["box"], $0["point"]] }
        }
        #expect(scores(documents[0]).count == 3 && scores(documents[0]) == scores(documents[1]))
    }

    /// Clicks, intervals of the difference, and a page.
    @Test func clicksAreGivenAndAPageIsWritten() throws {
        let directory = try TrainingFixture.prepared()
        #expect(try TrainingFixture.train(in: directory).status == 0)
        let common = ["shards", "--weights", "run", "--before", TrainingFixture.weights]
        let run = try evaluate(common + ["--report", "page.html", "--clicks", "3"], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(run.stdout.contains("3 clicks") && run.stdout.contains("report: page.html"))
        #expect(run.stdout.contains("automatic masks:") && run.stdout.contains("time of an image"))
        for work in ["encoder", "decoder, 1 prompt", "decoder, 8 prompts", "from pixels to one mask"] {
            let rows = run.stdout.split(separator: "\n").filter { $0.hasPrefix(work) }
            #expect(rows.count == 2 && rows.allSatisfy { $0.contains(" ms ") }, "\(work)")
        }
        let page = String(decoding: try FileSystem.read(directory.file("page.html")), as: UTF8.self)
        #expect(page.contains("<img") && page.contains("IoU by number of clicks") && page.contains("Automatic masks"))
        let json = try evaluate(common + ["--json", "--clicks", "2"], in: directory)
        let document = try JSONDocument.parse(json.stdout)
        #expect(try JSONSchemaCheck("evaluate").violations(of: document) == [])
        #expect(document["results"]?[1]?["clicks"]?.array?.count == 2)
        // The intervals are about the figures that were there before.
        let line = document["comparison"]?["figures"]?["lines"]?.array?.first {
            $0["prompt"] == "box" && $0["part"] == "all"
        }
        for (number, side) in ["before", "after"].enumerated() {
            let mean = try #require(document["results"]?[number]?["box"]?["all"]?["dice"]?.double)
            #expect(abs(try #require(line?["dice"]?[side]?["mean"]?.double) - mean) < 1e-12)
        }
        #expect(document["comparison"]?["latency"] == .null)
    }

    @Test(
        arguments: [
            (["nowhere", "--weights", TrainingFixture.weights], 66, "nowhere"),
            (["shards", "--weights", "nowhere"], 66, "nowhere"),
            (["shards", "--weights", "labels.json"], 65, "labels.json"),
            (["shards", "--weights", TrainingFixture.weights, "--before", "nowhere"], 66, "nowhere"),
            (["shards"], 64, "--weights"),
            (["shards", "--weights", TrainingFixture.weights, "--clicks", "0"], 64, "--clicks"),
            (["shards", "--weights", TrainingFixture.weights, "--clicks", "65"], 64, "--clicks"),
            (["shards", "--weights", TrainingFixture.weights, "--report", "no/where/page.html"], 74, "no/where"),
            (["shards", "--weights", TrainingFixture.weights, "--min-object-area", "0"], 64, "1"),
            (["shards", "--weights", TrainingFixture.weights, "--min-object-area", "9999"], 65, "9999"),
        ] as [([String], Int32, String)])
    func wrongArgumentsAreNamed(arguments: [String], status: Int32, word: String) throws {
        let run = try evaluate(arguments, in: TrainingFixture.prepared())
        #expect(run.status == status && run.stderr.contains(word), "\(run.status) \(run.stderr)")
        #expect(run.stdout.isEmpty)
    }
}
