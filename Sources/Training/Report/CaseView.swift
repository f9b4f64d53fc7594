internal import Images
internal import Masks
private import SAM

/// A part of an image at the size of the report, on which masks of the object are drawn.
struct CaseView {
    private let canvas: Canvas
    private let label: [UInt8]
    private let rows: [Int]
    private let columns: [Int]
    private let kind: PromptKind
    private let labelMask: RLE
    private let origin: (row: Int, column: Int)
    /// Shown pixels per pixel of the image.
    private let scale: (rows: Double, columns: Double)

    /// - Parameters:
    ///   - label: of the image's size.
    ///   - kind: of the prompt, which is drawn as well.
    ///   - window: what is shown of the image.
    ///   - side: longest side of what is shown, in pixels, before small windows are enlarged by a whole factor.
    init(
        image: RGBImage, label: RLE, kind: PromptKind, window: (rows: Range<Int>, columns: Range<Int>), side: Int
    ) {
        let (height, width) = (window.rows.count, window.columns.count)
        var part = image.cropped(
            row: window.rows.lowerBound, column: window.columns.lowerBound, height: height, width: width)
        let longest = max(height, width)
        if longest > side {
            part = part.resized(
                width: max(1, width * side / longest), height: max(1, height * side / longest))
        }
        canvas = Canvas(part, scale: max(1, side / max(part.height, part.width)))
        // Masks are sampled where the middle of each shown pixel lies.
        rows = (0..<part.height).map { window.rows.lowerBound + (2 * $0 + 1) * height / (2 * part.height) }
        columns = (0..<part.width).map { window.columns.lowerBound + (2 * $0 + 1) * width / (2 * part.width) }
        scale = (Double(part.height) / Double(height), Double(part.width) / Double(width))
        origin = (window.rows.lowerBound, window.columns.lowerBound)
        labelMask = label
        self.kind = kind
        self.label = Self.sampled(label, rows, columns)
    }

    private static func sampled(_ mask: RLE, _ rows: [Int], _ columns: [Int]) -> [UInt8] {
        let bitmap = mask.bitmap()
        return rows.flatMap { row in columns.map { bitmap.pixels[row * bitmap.width + $0] } }
    }

    /// The part with a mask in a colour, the label's outline in white, and the prompt.
    func picture(of mask: RLE, colour: RGBColour) -> RGBImage {
        var canvas = canvas
        let shown = Self.sampled(mask, rows, columns)
        canvas.fill(mask: shown, colour: colour, opacity: 0.45)
        let prompt = kind.prompt(for: labelMask)
        if let box = prompt.box {
            canvas.box(
                x: (box.x - Double(origin.column)) * scale.columns, y: (box.y - Double(origin.row)) * scale.rows,
                width: box.width * scale.columns, height: box.height * scale.rows, colour: .yellow, thickness: 1)
        }
        canvas.outline(mask: label, colour: .white, thickness: 1)
        for point in prompt.points {
            // A point is the middle of its pixel.
            canvas.point(
                x: (point.x + 0.5 - Double(origin.column)) * scale.columns - 0.5,
                y: (point.y + 0.5 - Double(origin.row)) * scale.rows - 0.5, colour: .red, radius: 3)
        }
        return canvas.image
    }
}
