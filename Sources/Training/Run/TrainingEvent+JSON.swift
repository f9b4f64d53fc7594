package import JSONText
private import Metrics
private import Runtime

extension TrainingEvent.Step {
    /// The step's line in `metrics.jsonl`.
    package var json: JSONValue {
        .object([
            "kind": "step", "step": .integer(Int64(step)), "epoch": .integer(Int64(epoch)),
            "loss": .number(terms.total), "focal": .number(terms.focal), "dice": .number(terms.dice),
            "bce": .number(terms.bce), "tversky": .number(terms.tversky), "boundary": .number(terms.boundary),
            "iou": .number(terms.iou), "iou_l1": .number(terms.iouL1), "mask_iou": .number(terms.maskIoU),
            "first_mask_iou": .number(terms.firstMaskIoU), "last_mask_iou": .number(terms.lastMaskIoU),
            "learning_rate": .number(learningRate),
            "gradient_norm": .number(gradientNorm), "images": .integer(Int64(images)), "seconds": .number(seconds),
        ])
    }
}

extension TrainingEvent.Epoch {
    /// The epoch's line in `metrics.jsonl`.
    ///
    /// - Parameter seconds: since the run, or the part of it since a resume, began.
    func json(seconds: Double) -> JSONValue {
        .object([
            "kind": "epoch", "step": .integer(Int64(step)), "epoch": .integer(Int64(epoch)), "loss": .number(loss),
            "validation": validation?.json ?? .null, "best": .bool(isBest), "seconds": .number(seconds),
            "loader_wait": .number(loaderWait), "encoded_images": .integer(Int64(encodedImages)),
            "peak_memory_bytes": .integer(Int64(ResourceUsage.peakMemoryBytes)),
        ])
    }
}

extension TrainingEvent.Standing {
    /// The evaluation's line in `metrics.jsonl`.
    ///
    /// - Parameters:
    ///   - step: of the run, after which lines go when it is resumed from an earlier one.
    ///   - seconds: since the run, or the part of it since a resume, began.
    func json(atStep step: Int, seconds: Double) -> JSONValue {
        .object([
            "kind": "evaluation", "moment": .string(moment.rawValue), "step": .integer(Int64(step)),
            "epoch": .integer(Int64(epoch)), "validation": evaluation.json, "clicks": evaluation.clicksJSON,
            "seconds": .number(seconds), "peak_memory_bytes": .integer(Int64(ResourceUsage.peakMemoryBytes)),
        ])
    }
}

extension Evaluation {
    /// Mean IoU and Dice by number of clicks.
    fileprivate var clicksJSON: JSONValue {
        .array(
            (1...max(1, clickCount)).compactMap { count in
                let all = summary(.clicks(count)).all
                guard let iou = all.intersectionOverUnion.mean, let dice = all.dice.mean else { return nil }
                return .object(["clicks": .integer(Int64(count)), "iou": .number(iou), "dice": .number(dice)])
            })
    }

    /// Mean IoU and Dice by kind of prompt.
    fileprivate var json: JSONValue {
        .object(
            PromptKind.allCases.compactMap { kind in
                guard let iou = meanIoU(kind), let dice = meanDice(kind) else { return nil }
                let count = overall[kind]?.all.dice.count ?? 0
                return JSONMember(
                    kind.rawValue,
                    .object(["iou": .number(iou), "dice": .number(dice), "objects": .integer(Int64(count))]))
            })
    }
}
