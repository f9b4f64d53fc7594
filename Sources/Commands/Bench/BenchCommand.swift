package import ArgumentParser

/// `samdata bench`: measures on the user's own data.
package struct BenchCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast your own data can be loaded.",
        subcommands: [BenchLoaderCommand.self])

    package init() {}
}
