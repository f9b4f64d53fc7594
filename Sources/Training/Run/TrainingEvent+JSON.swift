package import JSONText
private import Metrics
private import Runtime

extension TrainingEvent {
    /// The line of a step, made or skipped, in `metrics.jsonl`; nil for other events.
    var json: JSONValue? {
        switch self {
        case .stepped(let step): step.json
        case .skipped(let skip): skip.json
        default: nil
        }
    }
}

extension TrainingEvent.Step {
    /// The step's line in `metrics.jsonl`.
    package var json: JSONValue {
        var members: [JSONMember] =
            JSONValue.object([
                "kind": "step", "step": .integer(Int64(step)), "epoch": .integer(Int64(epoch)),
                "loss": .number(terms.total), "focal": .number(terms.focal), "dice": .number(terms.dice),
                "bce": .number(terms.bce), "tversky": .number(terms.tversky), "boundary": .number(terms.boundary),
                "iou": .number(terms.iou), "iou_l1": .number(terms.iouL1), "mask_iou": .number(terms.maskIoU),
                "first_mask_iou": .number(terms.firstMaskIoU), "last_mask_iou": .number(terms.lastMaskIoU),
                "learning_rate": .number(learningRate),
                "gradient_norm": .number(gradientNorm), "images": .integer(Int64(images)),
                "seconds": .number(seconds),
            ]).object ?? []
        if !learningRates.isEmpty {
            let rates = learningRates.map { JSONMember($0.name, .number($0.number)) }
            members.append(JSONMember("learning_rates", .object(rates)))
        }
        if let lossScale { members.append(JSONMember("loss_scale", .number(lossScale))) }
        return .object(members)
    }
}

extension TrainingEvent.Skip {
    /// The line of a step that was left out, in `metrics.jsonl`.
    package var json: JSONValue {
        var members = [
            JSONMember("kind", "skipped"), JSONMember("step", .integer(Int64(step))),
            JSONMember("epoch", .integer(Int64(epoch))), JSONMember("cause", .string(cause)),
        ]
        if let lossScale { members.append(JSONMember("loss_scale", .number(lossScale))) }
        members += [JSONMember("images", .integer(Int64(images))), JSONMember("seconds", .number(seconds))]
        return .object(members)
    }
}

extension TrainingEvent.Epoch {
    /// The epoch's line in `metrics.jsonl`.
    ///
    /// - Parameter seconds: since the run, or the part of it since a resume, began.
    func json(seconds: Double) -> JSONValue {
        .object([
            "kind": "epoch", "step": .integer(Int64(step)), "epoch": .integer(Int64(epoch)),
            "loss": loss.isFinite ? .number(loss) : .null,
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
        // That of the best checkpoint belongs to another step than the last, where it would stand beside the validation.
        let name = moment == .start ? "validation" : "best"
        return .object([
            "kind": "evaluation", "moment": .string(moment.rawValue), "step": .integer(Int64(step)),
            "epoch": .integer(Int64(epoch)), name: evaluation.json, "clicks": evaluation.clicksJSON,
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
