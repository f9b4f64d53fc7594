package import ArgumentParser
private import Audit
private import Foundation
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
            pixels are not decoded.

            Exit codes: 0 nothing at or above --fail-on was found, 1 something was, 65 the input could not be read to \
            its end, 66 it does not exist.

            Example:
              samdata audit samples/nuclei/annotations.json --images samples/nuclei/images --ignore polygon.spike
            """)

    @Argument(help: ArgumentHelp("COCO file, or directory of shards.", valueName: "input"))
    package var input: String?

    @Option(help: ArgumentHelp("Directory that file names in the labels are relative to.", valueName: "dir"))
    package var images: String?

    @Option(
        help: ArgumentHelp(
            "Only these rules or families of rules, as in polygon,rle.sum (default: all).", valueName: "rules"))
    package var select: RuleNames = RuleNames(names: [])

    @Option(help: ArgumentHelp("Not these rules or families of rules.", valueName: "rules"))
    package var ignore: RuleNames = RuleNames(names: [])

    @Option(help: "How findings are written; json is the same as --json.")
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
    }

    package func run() throws {
        let console = global.activate()
        let isJSON = global.json || format == .json
        guard let input else {
            console.result(isJSON ? RuleListing.json : RuleListing.markdown)
            return
        }
        let selection = try RuleSelection(select: select.names, ignore: ignore.names)
        let summary =
            isJSON
            ? try audit(input, selection, JSONAuditReport(input: input, console: console), console)
            : try audit(input, selection, TextAuditReport(input: input, console: console), console)
        if !summary.isComplete { throw ExitCode(FailureKind.badInput.exitCode) }
        if failOn.isReached(by: summary.worst) { throw ExitCode(1) }
    }

    /// Runs the audit that the input is fit for, and writes its report.
    private static func isShards(_ input: String) -> Bool {
        ShardSet.isRemote(input) || FileSystem.isDirectory(input)
            || FileSystem.lastComponent(input) == ShardManifest.fileName
    }

    private func audit(
        _ input: String, _ selection: RuleSelection, _ report: some AuditReport, _ console: Console
    ) throws -> AuditSummary {
        let isShards = Self.isShards(input)
        let progress = ProgressReporter(
            "auditing", unit: isShards ? "records" : "annotations", console: console)
        defer { progress.finish() }
        let summary: AuditSummary
        if isShards {
            let audit = try ShardAudit(path: input, selection: selection)
            report.begin(.shards)
            summary = try audit.run(progress: { progress.update(done: $0, total: $1) }, sink: { report.add($0) })
        } else {
            let audit = try COCOAudit(path: input, imagesFolder: images, selection: selection)
            // The file is opened before the report begins: an input that is not there gets no report.
            _ = try MappedFile(path: input)
            report.begin(.coco)
            summary = try audit.run(progress: { progress.update(done: $0, total: nil) }, sink: { report.add($0) })
            if images == nil && selection.contains(family: "image") {
                console.remark("Image files were not looked at; --images DIR says where they are.")
            }
        }
        progress.finish()
        report.end(summary)
        return summary
    }
}

/// How findings are written.
package enum ReportFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
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

    package var defaultValueDescription: String { names.isEmpty ? "none" : names.joined(separator: ",") }
}
