import ArgumentParser

/// Measures samdata's hot paths beside what a user would take instead.
@main
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "samdata-bench",
        abstract: "Measure samdata's hot paths beside PyTorch and ONNX Runtime.",
        subcommands: [RunCommand.self, CheckCommand.self, ServeCommand.self], defaultSubcommand: RunCommand.self)
}
