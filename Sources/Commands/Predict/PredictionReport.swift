private import Foundation
internal import JSONText
private import Masks
private import SAM

/// What `predict` prints.
struct PredictionReport {
    let weightsPath: String
    let modelName: String
    let predictions: [Prediction]
    /// Files that were written, by what they hold.
    let files: [(name: String, path: String)]

    // MARK: For people

    var text: String {
        let written = files.map { "\($0.name): \($0.path)" }
        let parts = predictions.map(table)
        return (parts + (written.isEmpty ? [] : [written.joined(separator: "\n")])).joined(separator: "\n\n")
    }

    private func table(_ prediction: Prediction) -> String {
        var table = TextTable([
            ("object", .right), ("prompt", .left), ("predicted IoU", .right), ("area (px)", .right),
            ("box x0,y0,x1,y1", .left),
        ])
        for (index, object) in prediction.objects.enumerated() {
            for (number, mask) in object.masks.enumerated() {
                let box = mask.rle.boundingBox
                table.add([
                    object.masks.count == 1 ? "\(index + 1)" : "\(index + 1).\(number + 1)", object.promptText,
                    String(format: "%.3f", mask.iouPrediction), "\(mask.rle.area)",
                    mask.rle.area == 0
                        ? "-" : [box.x, box.y, box.maxX, box.maxY].map(Self.plain).joined(separator: ","),
                ])
            }
        }
        return "\(prediction.path): \(prediction.width) x \(prediction.height) pixels, model \(modelName)\n\n"
            + table.render()
    }

    /// A number without a fraction that says nothing.
    private static func plain(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? String(value) }

    // MARK: For programs

    /// `schemas/predict.schema.json` describes it.
    var json: JSONValue {
        .object([
            JSONMember("schema_version", 1), JSONMember("command", "predict"),
            JSONMember("weights", .string(weightsPath)), JSONMember("model", .string(modelName)),
            JSONMember("images", .array(predictions.map(Self.json))),
            JSONMember("files", .object(files.map { JSONMember($0.name, .string($0.path)) })),
        ])
    }

    private static func json(_ prediction: Prediction) -> JSONValue {
        let objects = prediction.objects.enumerated().map { index, object -> JSONValue in
            .object([
                JSONMember("object", .integer(Int64(index + 1))),
                JSONMember("masks", .array(object.masks.map(json))),
            ])
        }
        return .object([
            JSONMember("image", .string(prediction.name)), JSONMember("width", .integer(Int64(prediction.width))),
            JSONMember("height", .integer(Int64(prediction.height))), JSONMember("objects", .array(objects)),
        ])
    }

    private static func json(_ mask: PredictedMask) -> JSONValue {
        let box = mask.rle.boundingBox
        return .object([
            JSONMember("predicted_iou", .number(Double(mask.iouPrediction))),
            JSONMember("area", .integer(Int64(mask.rle.area))),
            JSONMember("bbox", .array([box.x, box.y, box.width, box.height].map { .number($0) })),
            JSONMember(
                "segmentation",
                .object([
                    JSONMember("size", [.integer(Int64(mask.rle.height)), .integer(Int64(mask.rle.width))]),
                    JSONMember("counts", .string(mask.rle.compressedString)),
                ])),
        ])
    }
}

extension Prediction.Object {
    /// The prompt in a few words.
    fileprivate var promptText: String {
        var parts: [String] = []
        if prompt.box != nil { parts.append("box") }
        if !prompt.points.isEmpty {
            parts.append(prompt.points.count == 1 ? "1 point" : "\(prompt.points.count) points")
        }
        if prompt.mask != nil { parts.append("mask") }
        return parts.joined(separator: " + ")
    }
}
