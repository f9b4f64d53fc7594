private import Annotations
package import ArgumentParser
private import Audit
private import Foundation
private import Pipeline
private import Runtime
private import Shards

/// `samdata audit`: says what is wrong with a COCO file or a set of shards.
package struct AuditCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Find defects in a COCO file and its images, or in shards.",
        discussion: """
            The file is read once, in bounded memory. Every finding names its rule, the place in the file, and the image \
            and annotation. Without --images the image files are not looked at; with it their headers are read, \
            pixels are not decoded. --against holds every object against those of a second annotator, in any format that \
            convert reads, or against a model's predictions, a list of COCO results; --model draws a mask in \
            the box of every object, and holds the object against it. --fix writes a copy in which stated areas and boxes are the masks', and objects that stand \
            twice stand once; all else is copied byte for byte. The copy is audited again, and what is left in it decides on \
            the exit code; the report is about the input.

            Exit codes: 0 nothing at or above --fail-on was found (with --fix: is left), 1 something was, 65 the input \
            could not be read to its end, 66 it does not exist.

            Examples:
              samdata audit samples/nuclei/annotations.json --images samples/nuclei/images --ignore polygon.spike
              samdata audit first.json --against second.json --min-iou 0.8 --format html > agreement.html
              samdata audit labels.json --against predictions.json --min-score 0.7 --format sarif > disagreement.sarif
              samdata audit shards/train --model samples/nuclei/nano.safetensors --select agreement --min-iou 0.5
              samdata audit labels.json --fix --output fixed.json
            """)

    @Argument(help: ArgumentHelp("COCO file, or directory of shards.", valueName: "input"))
    package var input: String?

    @Option(help: ArgumentHelp("Directory that file names in the labels are relative to.", valueName: "dir"))
    package var images: String?

    @Flag(help: "Look at images whose names lead out of that directory, as ../other/1.png does.")
    package var outsideImages = false

    @Option(
        help: ArgumentHelp(
            "Only these rules or families of rules, as in polygon,rle.sum (default: all).", valueName: "rules"))
    package var select: RuleNames?

    @Option(help: ArgumentHelp("Not these rules or families of rules.", valueName: "rules"))
    package var ignore: RuleNames?

    @Option(
        help: ArgumentHelp(
            "Labels of a second annotator, in any format that convert reads, or a model's results, whose objects are held against the input's.",
            valueName: "labels"))
    package var against: String?

    @Option(
        help: ArgumentHelp(
            "Weights of a model that draws a mask in every object's box, which the object is held against.",
            valueName: "weights"))
    package var model: String?

    @OptionGroup package var modelInput: ModelInputOptions

    @Option(
        help: ArgumentHelp(
            "Least IoU with an object of --against, and with a mask of --model (default: 0.85).", valueName: "iou"))
    package var minIou: Double?

    @Option(
        help: ArgumentHelp("Least score of the results of --against (default: 0.5).", valueName: "score"))
    package var minScore: Double?

    @Flag(help: "Write a copy of a COCO file with what can be set right set right.")
    package var fix = false

    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: ArgumentHelp("File that --fix writes; it must not be there yet.", valueName: "file"))
    package var output: String?

    @Option(
        help: "How findings are written: for people, as --json, as SARIF for editors and code hosts, or as a web page.")
    package var format: ReportFormat = .text

    @Option(help: "The least severity that makes the exit code 1.")
    package var failOn: FailurePolicy = .error

    @Flag(help: "List all rules with severity, meaning and remedy, in Markdown (or JSON with --json), and end.")
    package var listRules = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if listRules && input != nil { throw ValidationError("--list-rules takes no input.") }
        if !listRules && input == nil {
            throw ValidationError("An input is missing: a COCO file, or a directory of shards.")
        }
        if images != nil, let input, Self.isShards(input) {
            throw ValidationError("--images is for COCO files; shards hold their images.")
        }
        if outsideImages && images == nil && model == nil {
            throw ValidationError("--outside-images needs --images, or --model.")
        }
        if outsideImages, let input, Self.isShards(input) {
            throw ValidationError("--outside-images is for COCO files; shards hold their images.")
        }
        if let minIou, !(0...1).contains(minIou) { throw ValidationError("--min-iou is 0 to 1; \(minIou) is not.") }
        if minIou != nil && against == nil && model == nil {
            throw ValidationError("--min-iou needs --against or --model.")
        }
        if model == nil, modelInput.isSet {
            throw ValidationError("--lora, --image-size and --preprocessing need --model.")
        }
        if let minScore, !minScore.isFinite { throw ValidationError("--min-score is a number; \(minScore) is none.") }
        if minScore != nil && against == nil { throw ValidationError("--min-score needs --against.") }
        if fix != (output != nil) { throw ValidationError("--fix and --output go together: the file that is written.") }
        if fix, let input, Self.isShards(input) {
            throw ValidationError("--fix is for COCO files; shards are made anew of fixed ones.")
        }
        if let output, FileSystem.exists(output) {
            throw ValidationError("--output: \(output) is there already; --fix writes a new file.")
        }
        if global.json && format != .text && format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other.")
        }
        if listRules && (against != nil || model != nil || fix) {
            throw ValidationError("--list-rules looks at no labels.")
        }
    }

    package func run() throws {
        let console = global.activate()
        let isJSON = global.json || format == .json
        guard let input else {
            console.result(isJSON ? RuleListing.json : RuleListing.markdown)
            return
        }
        let selection = try RuleSelection(select: select?.names ?? [], ignore: ignore?.names ?? [])
        let report: any AuditReport =
            switch format {
            case _ where isJSON: ListAuditReport<JSONAuditDocument>(input: input, console: console)
            case .sarif: ListAuditReport<SARIFAuditDocument>(input: input, console: console)
            case .html: HTMLAuditReport(input: input, console: console)
            case .text, .json: TextAuditReport(input: input, console: console)
            }
        let summary: AuditSummary
        let applied: AppliedFix?
        do {
            (summary, applied) = try audit(input, selection, report, console)
        } catch let interruption as AuditInterruption {
            report.interrupt(interruption.summary)
            throw interruption.cause
        }
        if !summary.isComplete { throw ExitCode(FailureKind.badInput.exitCode) }
        if failOn.isReached(by: applied.map(\.worst) ?? summary.worst) { throw ExitCode(1) }
    }

    static func isShards(_ input: String) -> Bool {
        ShardSet.isRemote(input) || FileSystem.isDirectory(input)
            || FileSystem.lastComponent(input) == ShardManifest.fileName
    }

    /// Runs the audit that the input is fit for, and writes its report.
    private func audit(
        _ input: String, _ selection: RuleSelection, _ report: any AuditReport, _ console: Console
    ) throws -> (AuditSummary, AppliedFix?) {
        let isShards = Self.isShards(input)
        let progress = ProgressReporter(
            "auditing", unit: isShards ? "records" : "annotations", console: console)
        defer { progress.finish() }
        let summary: AuditSummary
        var applied: AppliedFix?
        if isShards {
            let audit = try ShardAudit(
                path: input, selection: selection, agreement: agreement(input), model: modelAudit(input, console))
            report.begin(.shards)
            summary = try audit.run(progress: { progress.update(done: $0, total: $1) }, sink: { report.add($0) })
        } else {
            // The file is opened before the report begins: an input that is not there gets no report.
            _ = try MappedFile(path: input)
            let audit = try COCOAudit(
                path: input, imagesFolder: images, allowsOutside: outsideImages, selection: selection,
                agreement: agreement(input), model: modelAudit(input, console))
            report.begin(.coco)
            let (found, fix) = try audit.run(
                fixes: output != nil, progress: { progress.update(done: $0, total: nil) }, sink: { report.add($0) })
            summary = found
            if let output, let fix {
                try fix.write(input, to: output)
                // Taking an object out takes all that was said of it: only the fixed file tells what is left.
                let left = try COCOAudit(
                    path: output, imagesFolder: images, allowsOutside: outsideImages, selection: selection
                ).run { _ in }
                applied = AppliedFix(path: output, rest: summary.rest(left))
            }
            if images == nil && selection.contains(family: "image") {
                console.remark("Image files were not looked at; --images DIR says where they are.")
            }
        }
        progress.finish()
        report.end(summary, fix: applied)
        if output != nil && applied == nil {
            console.remark("--fix: nothing was written, as the input could not be read to its end.")
        }
        return (summary, applied)
    }
}

/// How findings are written.
package enum ReportFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
    case sarif
    case html
}

/// Names of rules, separated by commas.
package struct RuleNames: ExpressibleByArgument, Sendable {
    package let names: [String]

    package init(names: [String]) { self.names = names }

    package init?(argument: String) {
        names = argument.split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
    }
}
