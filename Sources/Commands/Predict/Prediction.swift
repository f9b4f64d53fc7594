private import Foundation
internal import Images
internal import JSONText
internal import Masks
private import Runtime
internal import SAM

/// What `predict` found in one image.
struct Prediction {
    /// One object: what was asked, and the answer.
    struct Object {
        let prompt: Prompt
        let mask: PredictedMask

        var rle: RLE { mask.rle }
    }

    let imagePath: String
    let weightsPath: String
    let modelName: String
    let image: RGBImage
    let objects: [Object]

    /// A table for people.
    func text(files: [(name: String, path: String)]) -> String {
        var table = TextTable([
            ("object", .right), ("prompt", .left), ("predicted IoU", .right), ("area (px)", .right),
            ("box x0,y0,x1,y1", .left),
        ])
        for (index, object) in objects.enumerated() {
            let box = object.rle.boundingBox
            table.add([
                "\(index + 1)", object.promptText, String(format: "%.3f", object.mask.iouPrediction),
                "\(object.rle.area)",
                object.rle.area == 0 ? "-" : [box.x, box.y, box.maxX, box.maxY].map(Self.plain).joined(separator: ","),
            ])
        }
        let head = "\(imagePath): \(image.width) x \(image.height) pixels, model \(modelName)"
        let written = files.map { "\($0.name): \($0.path)" }
        return ([head, "", table.render()] + (written.isEmpty ? [] : [""] + written)).joined(separator: "\n")
    }

    /// One document for programs; `schemas/predict.schema.json` describes it.
    func json(files: [(name: String, path: String)]) -> JSONValue {
        let list = objects.enumerated().map { index, object -> JSONValue in
            let box = object.rle.boundingBox
            return .object([
                JSONMember("object", .integer(Int64(index + 1))),
                JSONMember("predicted_iou", .number(Double(object.mask.iouPrediction))),
                JSONMember("area", .integer(Int64(object.rle.area))),
                JSONMember("bbox", .array([box.x, box.y, box.width, box.height].map { .number($0) })),
                JSONMember(
                    "segmentation",
                    .object([
                        JSONMember("size", [.integer(Int64(image.height)), .integer(Int64(image.width))]),
                        JSONMember("counts", .string(object.rle.compressedString)),
                    ])),
            ])
        }
        return .object([
            JSONMember("schema_version", 1), JSONMember("command", "predict"),
            JSONMember("image", .string(imagePath)), JSONMember("width", .integer(Int64(image.width))),
            JSONMember("height", .integer(Int64(image.height))), JSONMember("weights", .string(weightsPath)),
            JSONMember("model", .string(modelName)), JSONMember("objects", .array(list)),
            JSONMember("files", .object(files.map { JSONMember($0.name, .string($0.path)) })),
        ])
    }

    /// The image with every object's mask in a colour of its own, and the prompts.
    func picture() -> RGBImage {
        var canvas = Canvas(image, scale: Canvas.comfortableScale(height: image.height, width: image.width))
        for (index, object) in objects.enumerated() {
            let colour = RGBColour.distinct(index)
            let pixels = object.mask.bitmap.pixels
            canvas.fill(mask: pixels, colour: colour, opacity: 0.35)
            canvas.outline(mask: pixels, colour: colour)
            if let box = object.prompt.box {
                canvas.box(x: box.x, y: box.y, width: box.width, height: box.height, colour: .white)
            }
            for point in object.prompt.points {
                canvas.point(x: point.x, y: point.y, colour: point.isForeground ? .green : .red)
            }
        }
        return canvas.image
    }

    /// A number without a fraction that says nothing.
    fileprivate static func plain(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? String(value)
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
