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
    /// Labels of any format.
    let truth: String
    /// A COCO results file, or labels of any format.
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
        if arguments.strict && findings.counts.contains(where: { $0.isDrop || $0.severity == .error }) {
            throw ExitCode(FailureKind.badInput.exitCode)
        }
    }

    // MARK: Detection

    /// What is held against the truth.
    private enum Predictions: Sendable {
        case results(PredictionScan)
        case labels(any LabelSource)
    }

    private func detection(_ ledger: borrowing Mutex<FindingLedger>) throws -> PredictionEvaluationReport.Body {
        let truthLabels = try EvaluatedLabels(
            path: truth, format: arguments.truthFormat(of: truth), images: arguments.images)
        let predictedLabels = try arguments.predictionFormat(of: predictions).map {
            EvaluatedLabels(path: predictions, format: $0, images: arguments.images)
        }
        // Each file's findings by themselves, so that the order in which both are read decides nothing.
        let truthLedger = Mutex(FindingLedger())
        let scanLedger = Mutex(FindingLedger())
        let (labels, found) = try EvaluationInputs.read(
            truth: { try truthLabels.open(asTruth: true) { finding in truthLedger.withLock { $0.add(finding) } } },
            predictions: { () throws -> Predictions in
                func note(_ finding: LabelFinding) { scanLedger.withLock { $0.add(finding) } }
                if let predictedLabels { return .labels(try predictedLabels.open(asTruth: false, report: note)) }
                return .results(try PredictionScan(path: predictions, report: note))
            })
        let ledgers = (truthLedger.withLock { $0 }, scanLedger.withLock { $0 })
        ledger.withLock {
            $0.add(ledgers.0)
            $0.add(ledgers.1)
        }
        let hasMasks =
            switch found {
            case .results(let scan): scan.hasMasks
            case .labels(let source): try source.startsWithMask()
            }
        var options = try arguments.options(hasMasks: hasMasks, seed: global.seed ?? 0)
        options.classes = try chosenClasses(of: labels.categories)
        func note(_ finding: LabelFinding) { ledger.withLock { $0.add(finding) } }
        var listed: Int?
        let evaluator: PredictionEvaluator
        switch found {
        case .results(let scan):
            listed = scan.resultCount
            evaluator = PredictionEvaluator(truth: labels, predictions: scan, options: options, report: note)
        case .labels(let source):
            evaluator = try PredictionEvaluator(truth: labels, labels: source, options: options, report: note)
        }
        let progress = ProgressReporter("comparing", unit: "images", console: console)
        defer { progress.finish() }
        let evaluation = try evaluator.run(progress: { progress.update(done: $0, total: $1) }, report: note)
        progress.finish()
        let findings = ledger.withLock { $0 }
        let resultCount = listed ?? evaluation.readCount
        let isLost = resultCount > 0 || listed == nil && findings.dropped(.image) > 0
        if evaluation.predictionCount == 0, isLost, options.classes == nil {
            throw nothingUsable(listed, findings)
        }
        return .detection(evaluation, options, resultCount: resultCount)
    }

    /// Of the results that were dropped and are remembered, that which stands first in their file.
    private func firstUnused(_ findings: FindingLedger) -> Finding? {
        let drops = Set(findings.counts.filter { $0.isDrop && !$0.isReject }.map(\.rule))
        return findings.examples.filter {
            drops.contains($0.rule) && $0.location.path == predictions && $0.location.annotationID != nil
        }.min { ($0.location.byteOffset ?? .max) < ($1.location.byteOffset ?? .max) }
    }

    private func nothingUsable(_ count: Int?, _ findings: FindingLedger) -> EvaluateError {
        let reason =
            firstUnused(findings).map { "; result \($0.location.annotationID ?? "1"): \($0.message) [\($0.rule)]" }
            ?? findings.firstDrop.map { "; the first: \($0.message) [\($0.rule)]" } ?? ""
        let isScoreless = findings.counts.contains { $0.rule == COCOResultsRule.score && $0.isDrop }
        return EvaluateError(
            .nothingUsable,
            (count.map { "none of the \($0) results" } ?? "none of the labels") + " can be compared with \(truth)"
                + reason
                + (isScoreless ? "; --prediction-format coco takes labels of a second annotator, without scores" : ""),
            at: DataLocation(path: predictions))
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
        progress.finish()
        // Two files that do not belong together are no bad result.
        let isUncompared = evaluation.imageCount == 0 && !files[0].entries.isEmpty
        if isUncompared || !evaluator.haveImagesInCommon && !files[1].entries.isEmpty && !files[0].entries.isEmpty {
            throw nothingUsable(panoptic: files[1].entries.count, ledger.withLock { $0 })
        }
        return .panoptic(evaluation)
    }

    private func nothingUsable(panoptic count: Int, _ findings: FindingLedger) -> EvaluateError {
        let reason = findings.examples.first { $0.severity == .error }.map { "; the first: \($0.message) [\($0.rule)]" }
        return EvaluateError(
            .nothingUsable, "none of the \(count) predicted images can be compared with \(truth)" + (reason ?? ""),
            at: DataLocation(path: predictions))
    }

    private static func folder(of path: String) -> String {
        path.hasSuffix(".json") ? String(path.dropLast(5)) : path
    }
}
