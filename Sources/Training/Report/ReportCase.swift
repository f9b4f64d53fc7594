private import Foundation
internal import Images
internal import Masks
private import Metrics
internal import Pipeline
internal import SAM
internal import Shards

/// One object as a picture: its label's outline and its prompt, with the mask before and the mask after.
package struct ReportCase: Sendable {
    /// PNG bytes.
    package let picture: [UInt8]
    package let caption: String
    /// What the picture shows, for those who do not see it.
    package let alternative: String

    package init(picture: [UInt8], caption: String, alternative: String) {
        self.picture = picture
        self.caption = caption
        self.alternative = alternative
    }

    /// Longest side of one of the two pictures, in pixels.
    private static let side = 240

    /// Draws an object.
    ///
    /// - Parameters:
    ///   - kind: with which it was asked for.
    ///   - sample: the object's image.
    /// - Returns: nil where the object or its mask is not there.
    /// - Throws: what decoding an image throws.
    init?(_ after: ObjectRow, before: ObjectRow?, kind: PromptKind, in sample: ShardSample) throws {
        guard let object = sample.objects.first(where: { $0.annotationID == after.annotationID }),
            let mask = Self.mask(of: after, kind, in: sample), !object.mask.isEmpty
        else { return nil }
        let earlier = before.flatMap { Self.mask(of: $0, kind, in: sample) }
        let image = try sample.decodedImage()
        let window = Self.window([object.mask, mask] + [earlier].compactMap { $0 }, in: sample)
        let view = CaseView(image: image, label: object.mask, kind: kind, window: window, side: Self.side)
        var panels: [(title: String, image: RGBImage)] = []
        if let earlier { panels.append(("before", view.picture(of: earlier, colour: RGBColour(255, 140, 40)))) }
        panels.append((earlier == nil ? "" : "after", view.picture(of: mask, colour: RGBColour(60, 150, 255))))
        picture = try ImageCodec.encodePNG(Canvas.sideBySide(panels))
        func iou(_ row: ObjectRow) -> String {
            row[kind.form].map { String(format: "%.3f", $0.intersectionOverUnion) } ?? "-"
        }
        let values = earlier == nil ? iou(after) : "\(before.map(iou) ?? "-") \u{2192} \(iou(after))"
        let name = sample.fileName.isEmpty ? sample.imageID : sample.fileName
        caption =
            "IoU \(values) with \(kind.form.phrase == "boxes" ? "a box" : "one point"): \(object.categoryName) "
            + "\(object.annotationID) in \(name)"
        alternative =
            "Outline of the label of object \(object.annotationID) in image \(name), its prompt, and the mask "
            + (earlier == nil ? "of the model" : "before and after training") + "; IoU \(values)."
    }

    private static func mask(of row: ObjectRow, _ kind: PromptKind, in sample: ShardSample) -> RLE? {
        let text = kind == .box ? row.boxMask : row.pointMask
        return text.flatMap {
            try? RLE(height: sample.height, width: sample.width, compressed: Array($0.utf8))
        }
    }

    /// The part of the image with all masks and a quarter of it around them.
    private static func window(_ masks: [RLE], in sample: ShardSample) -> (rows: Range<Int>, columns: Range<Int>) {
        // The label comes first. A mask that runs over the whole image would make the object too small to see.
        let label = masks[0].boundingBox
        let reach = 1.5 * max(label.width, label.height, 16)
        let boxes = masks.filter { !$0.isEmpty }.map(\.boundingBox)
        func range(_ low: Double, _ high: Double, _ least: Double, _ most: Double, limit: Int) -> Range<Int> {
            let from = max(low, least - reach)
            let to = min(high, most + reach)
            let margin = max(8, (to - from) / 8)
            let start = max(0, min(limit - 1, Int(from - margin)))
            return start..<max(start + 1, min(limit, Int((to + margin).rounded(.up))))
        }
        return (
            range(
                boxes.map(\.y).min() ?? 0, boxes.map(\.maxY).max() ?? 0, label.y, label.maxY, limit: sample.height),
            range(boxes.map(\.x).min() ?? 0, boxes.map(\.maxX).max() ?? 0, label.x, label.maxX, limit: sample.width)
        )
    }
}
