package import ArgumentParser

/// `samdata convert`: other formats to shards and back, one subcommand a format.
package struct ConvertCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Turn labels and images into shards, or one label format into another.",
        discussion: """
            Example:
              samdata convert coco labels.json --images photos --split train=0.8,val=0.2 -o shards
            """,
        subcommands: [ConvertCOCOCommand.self, ConvertMasksCommand.self])

    package init() {}
}
