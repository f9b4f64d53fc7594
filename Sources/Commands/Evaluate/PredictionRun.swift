private import Annotations
private import ArgumentParser
private import Foundation
private import JSONText
private import Metrics
private import Pipeline
internal import Runtime
private import Shards
private import Synchronization

/// `samdata evaluate TRUTH PREDICTIONS`: predictions of any model beside the truth.
struct PredictionRun {
    /// A COCO or LVIS file, shards, or a panoptic file.
    let truth: String
    /// A COCO results file, or a panoptic file.
    let predictions: String
    let arguments: PredictionArguments
    let global: GlobalOptions
    let console: Console

    /// Compares and prints.
    func run() throws {
        for path in [truth, predictions] where HTTPAddress.isMeant(by: path) {
            throw EvaluateError(
                .notHere,
                "\(path): predictions are compared with files of this machine; an address is taken with --weights alone"
            )
        }
        let ledger = Mutex(FindingLedger())
        let report: PredictionEvaluationReport.Body = arguments.panoptic ? try panoptic(ledger) : try detection(ledger)
        let findings = ledger.withLock { $0 }
        let document = PredictionEvaluationReport(
            truth: truth, predictions: predictions, body: report, findings: findings,
            showsClasses: arguments.perClass)
        if global.json {
            console.result(document.json.text(pretty: true))
        } else {
            for line in document.findingLines { console.remark(line) }
            console.result(document.text)
        }
        if arguments.strict && findings.counts.contains(where: \.isDrop) {
            throw ExitCode(FailureKind.badInput.exitCode)
        }
    }

    // MARK: Detection

    private func detection(_ ledger: borrowing Mutex<FindingLedger>) throws -> PredictionEvaluationReport.Body {
        // Each file's findings by themselves, so that the order in which both are read decides nothing.
        let truthLedger = Mutex(FindingLedger())
        let scanLedger = Mutex(FindingLedger())
        let (labels, scan) = try EvaluationInputs.read(
            truth: {
                if isShards { return try ShardTruth(ShardSet(path: truth)) }
                return try GroundTruthFile(path: truth) { finding in truthLedger.withLock { $0.add(finding) } }
            },
            predictions: {
                try PredictionScan(path: predictions) { finding in scanLedger.withLock { $0.add(finding) } }
            })
        let found = (truthLedger.withLock { $0 }, scanLedger.withLock { $0 })
        ledger.withLock {
            $0.add(found.0)
            $0.add(found.1)
            for finding in labels.findings { $0.add(finding) }
        }
        var options = try arguments.options(hasMasks: scan.hasMasks, seed: global.seed ?? 0)
        options.classes = try chosenClasses(of: labels.categories)
        let resultCount = scan.resultCount
        let evaluator = PredictionEvaluator(truth: labels, predictions: scan, options: options) { finding in
            ledger.withLock { $0.add(finding) }
        }
        let progress = ProgressReporter("comparing", unit: "images", console: console)
        defer { progress.finish() }
        let evaluation = try evaluator.run(
            progress: { progress.update(done: $0, total: $1) },
            report: { finding in ledger.withLock { $0.add(finding) } })
        progress.finish()
        if evaluation.predictionCount == 0, resultCount > 0, options.classes == nil {
            throw nothingUsable(resultCount, ledger.withLock { $0 })
        }
        return .detection(evaluation, options, resultCount: resultCount)
    }

    private var isShards: Bool { FileSystem.isDirectory(truth) || truth.hasSuffix(ShardManifest.fileName) }

    /// Of the results that were dropped and are remembered, that which stands first in their file.
    private func firstUnused(_ findings: FindingLedger) -> Finding? {
        let drops = Set(findings.counts.filter { $0.isDrop && !$0.isReject }.map(\.rule))
        return findings.examples.filter {
            drops.contains($0.rule) && $0.location.path == predictions && $0.location.annotationID != nil
        }.min { ($0.location.byteOffset ?? .max) < ($1.location.byteOffset ?? .max) }
    }

    private func nothingUsable(_ count: Int, _ findings: FindingLedger) -> EvaluateError {
        let reason =
            firstUnused(findings).map { "; result \($0.location.annotationID ?? "1"): \($0.message) [\($0.rule)]" }
            ?? ""
        return EvaluateError(
            .nothingUsable,
            "none of the \(count) results can be compared with \(truth)" + reason, at: DataLocation(path: predictions))
    }

    /// The ids of the classes that were asked for, by name or id.
    private func chosenClasses(of categories: [COCOCategory]) throws -> Set<COCOIdentifier>? {
        guard let names = arguments.classes else { return nil }
        return Set(
            try names.split(separator: ",").map { name in
                let text = name.trimmingCharacters(in: .whitespaces)
                guard
                    let category = categories.first(where: { $0.name == text })
                        ?? categories.first(where: { $0.id.description == text })
                else {
                    throw EvaluateError(.unknownClass, "--classes: \(truth) has no class '\(text)'")
                }
                return category.id
            })
    }

    // MARK: Panoptic

    private func panoptic(_ ledger: borrowing Mutex<FindingLedger>) throws -> PredictionEvaluationReport.Body {
        let files = try [truth, predictions].map { path in
            try PanopticFile(path: path) { finding in ledger.withLock { $0.add(finding) } }
        }
        let folders = [
            arguments.truthPNGs ?? Self.folder(of: truth), arguments.predictionPNGs ?? Self.folder(of: predictions),
        ]
        for folder in folders where !FileSystem.isDirectory(folder) {
            throw FileError(
                .missing, path: folder, "is no folder; --truth-pngs and --prediction-pngs name those of the PNGs")
        }
        let evaluator = PanopticEvaluator(
            truth: files[0], truthFolder: folders[0], predictions: files[1], predictionFolder: folders[1])
        let progress = ProgressReporter("comparing", unit: "images", console: console)
        defer { progress.finish() }
        let evaluation = try evaluator.run(
            progress: { progress.update(done: $0, total: $1) },
            report: { finding in ledger.withLock { $0.add(finding) } })
        return .panoptic(evaluation)
    }

    private static func folder(of path: String) -> String {
        path.hasSuffix(".json") ? String(path.dropLast(5)) : path
    }
}

extension FindingLedger {
    fileprivate mutating func add(_ finding: LabelFinding) {
        guard let section = finding.dropped else { return note(finding.finding) }
        switch section {
        case .images: drop(.image, finding.finding)
        case .annotations: drop(.annotation, finding.finding)
        case .categories: drop(.category, finding.finding)
        }
    }
}
