package import ArgumentParser

/// `samdata convert`: labels of any format to shards or to another format; folders of masks have a command of their own.
package struct ConvertCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Turn labels and images into shards, or one label format into another.",
        discussion: """
            samdata convert FORMAT INPUT [--images DIR] [--to FORMAT] [stages] -o DIR; `samdata convert from --help` shows \
            all formats and options.

            Example:
              samdata convert coco labels.json --images photos --split train=0.8,val=0.2 -o shards
            """,
        subcommands: [ConvertFormatCommand.self, ConvertMasksCommand.self],
        defaultSubcommand: ConvertFormatCommand.self)

    package init() {}
}
