private import Foundation
internal import JSONText
internal import Layers
private import Runtime
internal import Training

/// What `samdata train` prints at its end; `schemas/train.schema.json` describes the JSON form.
struct TrainingReport {
    let outcome: TrainingOutcome
    let beginning: TrainingEvent.Beginning?
    /// What was remarked on the way.
    let remarks: [String]
    let folder: RunFolder

    private var state: TrainingState { outcome.state }
    private var imagesPerSecond: Double {
        outcome.stepSeconds > 0 ? Double(outcome.images) / outcome.stepSeconds : 0
    }
    /// Share of the steps' time in which they waited for examples.
    private var loaderWait: Double {
        outcome.stepSeconds > 0 ? min(1, max(0, outcome.waitSeconds / outcome.stepSeconds)) : 0
    }
    /// The checkpoint that one would go on to use.
    private var checkpoint: String? { folder.checkpoints.folder(.best) ?? folder.checkpoints.folder(.last) }

    var text: String {
        var rows: [(String, String)] = []
        if let beginning {
            let trained =
                beginning.trainedParameterCount == beginning.parameterCount
                ? "all trained"
                : "\(beginning.trainedParameterCount - beginning.adapterParameterCount) of them trained"
                    + (beginning.adapterParameterCount == 0
                        ? "" : ", and \(beginning.adapterParameterCount) in adapters")
            rows.append(("model", "\(beginning.modelName), \(beginning.parameterCount) parameters, \(trained)"))
            rows.append(
                (
                    "data",
                    "\(beginning.imageCount) images with \(beginning.objectCount) objects"
                        + (beginning.validationImageCount > 0
                            ? ", validated on \(beginning.validationImageCount) images"
                            : "; none to validate on (--val), so that nothing tells whether it became better")
                ))
        }
        rows.append(
            (
                "trained",
                "\(state.closedEpochs) of \(state.plannedEpochs) epochs, \(state.step) steps, "
                    + ProgressReporter.duration(outcome.totalSeconds)
                    + String(format: " (%.1f images/s)", imagesPerSecond)
            ))
        if outcome.ending == .outOfPatience {
            rows.append(("ended", "\(state.staleValidations) validations in a row were no better (patience)"))
        } else if outcome.ending == .outOfTime {
            rows.append(("ended", "no more epochs fitted into the limit of time (max-minutes)"))
        }
        if let scale = state.lossScale {
            rows.append(
                (
                    "f16",
                    "\(state.skippedSteps) steps skipped, loss scale " + String(format: "%.6g", scale.scale)
                        + (state.saturatedActivations > 0
                            ? ", \(state.saturatedActivations) activations cut to 65504; bf16 has the range for them"
                            : "")
                ))
        }
        if let best = state.best {
            rows.append(("best", String(format: "epoch %d, mean IoU %.3f", best.epoch, best.score)))
        }
        if !state.leftOut.isEmpty {
            rows.append(("left out", "\(state.leftOut.count) records that cannot be read; metrics.jsonl lists them"))
        }
        rows.append(("loader", String(format: "waited for in %.1f %% of the time", 100 * loaderWait)))
        let planned = beginning.map { ", planned \(ByteSize(bytes: $0.memory.peakBytes))" } ?? ""
        rows.append(("memory", "\(ByteSize(bytes: ResourceUsage.peakMemoryBytes)) at most" + planned))
        if let checkpoint { rows.append(("weights", checkpoint)) }
        let wantsReport = (try? folder.storedConfiguration())?.report ?? false
        if wantsReport, FileSystem.exists(folder.reportPath), !outcome.wasInterrupted {
            rows.append(("report", folder.reportPath))
        }
        let width = rows.map(\.0.count).max() ?? 0
        var lines = rows.map { $0 + String(repeating: " ", count: width + 2 - $0.count) + $1 }
        if let comparison = outcome.comparison {
            lines += ["", ComparisonText(comparison).text]
        } else {
            // Nobody may have seen them go by.
            let warnings = remarks.filter { $0.hasPrefix(Self.warning) }.map {
                "Warning: \($0.dropFirst(Self.warning.count))"
            }
            if !warnings.isEmpty { lines += [""] + warnings }
        }
        return lines.joined(separator: "\n")
    }

    /// How remarks that are warnings begin.
    private static let warning = "warning: "

    var json: JSONValue {
        .object([
            "schema_version": 1, "command": "train", "run": .string(folder.path),
            "interrupted": .bool(outcome.wasInterrupted), "ending": .string(outcome.ending.rawValue),
            "model": beginning.map { .string($0.modelName) } ?? .null,
            "parameters": .integer(Int64(beginning?.parameterCount ?? 0)),
            "trained_parameters": .integer(Int64(beginning?.trainedParameterCount ?? 0)),
            "images": .integer(Int64(beginning?.imageCount ?? 0)),
            "objects": .integer(Int64(beginning?.objectCount ?? 0)),
            "classes": .array(beginning.map(ClassWarning.json) ?? []),
            "epochs": .integer(Int64(state.closedEpochs)), "planned_epochs": .integer(Int64(state.plannedEpochs)),
            "steps": .integer(Int64(state.step)),
            "best": state.best.map { best in
                .object([
                    "epoch": .integer(Int64(best.epoch)), "step": .integer(Int64(best.step)),
                    "score": .number(best.score),
                ])
            } ?? .null,
            "skipped_steps": .integer(Int64(state.skippedSteps)),
            "saturated_activations": .integer(Int64(state.saturatedActivations)),
            "seconds": .number(outcome.totalSeconds), "images_per_second": .number(imagesPerSecond),
            "loader_wait": .number(loaderWait),
            "planned_memory_bytes": .integer(Int64(beginning?.memory.peakBytes ?? 0)),
            "peak_memory_bytes": .integer(Int64(ResourceUsage.peakMemoryBytes)),
            "weights": checkpoint.map { .string($0) } ?? .null,
            "comparison": outcome.comparison?.json ?? .null,
            "left_out": .array(state.leftOut.map(\.json)),
            "remarks": .array(remarks.map { .string($0) }),
        ])
    }

    /// Mean IoU by kind of prompt, in words.
    static func scores(_ evaluation: Evaluation) -> String {
        PromptKind.allCases.compactMap { kind in
            evaluation.meanIoU(kind).map { String(format: "IoU %.3f with %@", $0, kind == .box ? "boxes" : "points") }
        }.joined(separator: ", ")
    }
}
