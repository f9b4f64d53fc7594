package import Images
private import Masks
private import SAM
private import Shards

/// The picture of one evaluated image: its labels; the masks for each kind of prompt.
///
/// Labels are outlined in white wherever a mask is drawn, so that one sees where the two part.
package struct AnsweredPicture {
    private let answered: AnsweredImage
    /// Pixels of the image that become one of the picture, in each direction.
    private let reduction: Int

    /// - Parameter longestSide: larger images are made smaller by a whole factor until they fit; nil for never.
    package init(_ answered: AnsweredImage, longestSide: Int? = nil) {
        self.answered = answered
        let side = max(answered.image.height, answered.image.width)
        reduction = longestSide.map { max(1, (side + $0 - 1) / $0) } ?? 1
    }

    package func draw() -> RGBImage {
        let labels = answered.objects.map(\.mask)
        var panels = [(title: "labels: \(labels.count)", image: panel(labels, showing: nil))]
        for kind in PromptKind.allCases {
            panels.append((title: "with \(kind.rawValue)", image: panel(answered.masks[kind] ?? [], showing: kind)))
        }
        return Canvas.sideBySide(panels)
    }

    /// Masks in a colour for each object, with the prompts and the labels' outlines where they are answers.
    private func panel(_ masks: [RLE], showing kind: PromptKind?) -> RGBImage {
        let image = reduced(answered.image)
        var canvas = Canvas(image, scale: Canvas.comfortableScale(height: image.height, width: image.width))
        for (index, mask) in masks.enumerated() {
            let pixels = reduced(mask)
            canvas.fill(mask: pixels, colour: .distinct(index), opacity: 0.4)
            if kind == nil { canvas.outline(mask: pixels, colour: .distinct(index)) }
        }
        guard let kind else { return canvas.image }
        for object in answered.objects {
            canvas.outline(mask: reduced(object.mask), colour: .white, thickness: 1)
            for point in kind.prompt(for: object.mask).points {
                canvas.point(x: point.x / Double(reduction), y: point.y / Double(reduction), colour: .green)
            }
        }
        return canvas.image
    }

    private func reduced(_ image: RGBImage) -> RGBImage {
        reduction == 1 ? image : image.resized(width: side(image.width), height: side(image.height))
    }

    /// The pixel in the middle of each square decides.
    private func reduced(_ mask: RLE) -> [UInt8] {
        let whole = mask.bitmap()
        if reduction == 1 { return whole.pixels }
        let (height, width) = (side(whole.height), side(whole.width))
        var pixels = [UInt8](repeating: 0, count: height * width)
        for row in 0..<height {
            let line = min(row * reduction + reduction / 2, whole.height - 1) * whole.width
            for column in 0..<width {
                pixels[row * width + column] =
                    whole.pixels[line + min(column * reduction + reduction / 2, whole.width - 1)]
            }
        }
        return pixels
    }

    private func side(_ pixels: Int) -> Int { max(1, pixels / reduction) }
}
