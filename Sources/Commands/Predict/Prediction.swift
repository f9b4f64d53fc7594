internal import Images
internal import Masks
internal import SAM

/// What `predict` found in one image.
struct Prediction {
    /// One object: what was asked, and the answer.
    struct Object {
        let prompt: Prompt
        /// The masks offered: one, or with `--multimask` all, in the decoder's order.
        let masks: [PredictedMask]

        /// The mask that the model itself thinks best.
        var mask: PredictedMask { masks.max { $0.iouPrediction < $1.iouPrediction } ?? masks[0] }
        var rle: RLE { mask.rle }
    }

    /// The image's file.
    let path: String
    /// What the image is called in results.
    let name: String
    /// The image's size, in pixels.
    let height: Int
    let width: Int
    let objects: [Object]

    /// The same without logits, those of prompts included, for keeping many.
    var withoutLogits: Prediction {
        let lean = objects.map { object in
            let prompt = object.prompt
            return Object(
                prompt: Prompt(points: prompt.points, box: prompt.box, mask: prompt.mask.map { _ in [] }),
                masks: object.masks.map(\.withoutLogits))
        }
        return Prediction(path: path, name: name, height: height, width: width, objects: lean)
    }

    /// The image with every object's mask in a colour of its own, and the prompts.
    func picture(over image: RGBImage) -> RGBImage {
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
}
