package import ArgumentParser

/// `samdata`: the root of all commands.
package struct SamdataCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "samdata",
        abstract: "Segmentation labels to audited, sharded training data, and Segment Anything fine-tuned on it.",
        discussion: """
            One run from labels to masks:
              samdata convert coco labels.json --images photos --split train=0.8,val=0.2 -o shards
              samdata audit labels.json --images photos
              samdata train shards/train --val shards/val --model nano -o run
              samdata evaluate shards/val --weights run
              samdata predict photo.png --weights run --box 40,30,120,90 --picture out.png
            """,
        version: "samdata \(Release.version)",
        subcommands: [
            ConvertCommand.self, AuditCommand.self, InspectCommand.self, EmbedCommand.self, TrainCommand.self,
            EvaluateCommand.self, PredictCommand.self, SegmentCommand.self, ExportCommand.self, BenchCommand.self,
        ])

    package init() {}
}

/// The version that `--version` and manifests state.
enum Release {
    static let version = "0.1.0"
}
