private import Foundation
private import Images
private import Masks
private import Runtime
private import SAM
private import Shards
internal import Training

/// The picture of one evaluated image: its labels; the masks for boxes; the masks for points.
///
/// Labels are outlined in white wherever a mask is drawn, so that one sees where the two part.
struct EvaluationPicture {
    private let answered: AnsweredImage

    init(_ answered: AnsweredImage) { self.answered = answered }

    /// Writes `NAME-ID.png` after the image's own name and its id.
    func write(into directory: String) throws {
        let stem = (FileSystem.lastComponent(answered.sample.fileName) as NSString).deletingPathExtension
        let id = String(answered.sample.imageID.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        try AtomicFileWriter.write(
            try ImageCodec.encodePNG(draw()), to: FileSystem.join(directory, "\(stem)-\(id).png"))
    }

    private func draw() -> RGBImage {
        let labels = answered.objects.map(\.mask)
        var panels = [(title: "labels: \(labels.count)", image: panel(labels, showing: nil))]
        for kind in PromptKind.allCases {
            panels.append((title: "with \(kind.rawValue)", image: panel(answered.masks[kind] ?? [], showing: kind)))
        }
        return Canvas.sideBySide(panels)
    }

    /// Masks in a colour for each object, with the prompts and the labels' outlines where they are answers.
    private func panel(_ masks: [RLE], showing kind: PromptKind?) -> RGBImage {
        let image = answered.image
        var canvas = Canvas(image, scale: Canvas.comfortableScale(height: image.height, width: image.width))
        for (index, mask) in masks.enumerated() {
            let pixels = mask.bitmap().pixels
            canvas.fill(mask: pixels, colour: .distinct(index), opacity: 0.4)
            if kind == nil { canvas.outline(mask: pixels, colour: .distinct(index)) }
        }
        guard let kind else { return canvas.image }
        for object in answered.objects {
            canvas.outline(mask: object.mask.bitmap().pixels, colour: .white, thickness: 1)
            for point in kind.prompt(for: object.mask).points {
                canvas.point(x: point.x, y: point.y, colour: .green)
            }
        }
        return canvas.image
    }
}
