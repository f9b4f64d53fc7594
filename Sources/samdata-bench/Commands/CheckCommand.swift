import ArgumentParser

/// Holds results that were measured before against the thresholds.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Print a file of results as a table, and name the thresholds that are missed.",
        discussion: """
            The exit code is 1 when one is missed. What was not measured, or was measured on a busy machine, is named \
            and counts as neither.

            Example: samdata-bench check out/bench.json
            """)

    @Argument(help: "What `samdata-bench run -o` wrote.", completion: .file(extensions: ["json"]))
    var results: String

    func run() throws {
        var results = try BenchDocument.read(BenchResults.self, path: self.results)
        results.judge(by: try Threshold.committed())
        print(ResultTable(results).text, terminator: "")
        if results.isMissingAny { throw ExitCode(1) }
    }
}
