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

    @Test(
        arguments: [
            (["nowhere", "--weights", TrainingFixture.weights], 66, "nowhere"),
            (["shards", "--weights", "nowhere"], 66, "nowhere"),
            (["shards", "--weights", "labels.json"], 65, "labels.json"),
            (["shards", "--weights", TrainingFixture.weights, "--before", "nowhere"], 66, "nowhere"),
            (["shards"], 64, "--weights"),
            (["shards", "--weights", TrainingFixture.weights, "--min-object-area", "0"], 64, "1"),
            (["shards", "--weights", TrainingFixture.weights, "--min-object-area", "9999"], 65, "9999"),
        ] as [([String], Int32, String)])
    func wrongArgumentsAreNamed(arguments: [String], status: Int32, word: String) throws {
        let run = try evaluate(arguments, in: TrainingFixture.prepared())
        #expect(run.status == status && run.stderr.contains(word), "\(run.status) \(run.stderr)")
        #expect(run.stdout.isEmpty)
    }
}
