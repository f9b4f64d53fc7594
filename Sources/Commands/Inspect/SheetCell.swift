internal import Images
internal import Masks

/// One picture of a contact sheet: an image with the outlines of its objects.
struct SheetCell {
    /// One object to draw.
    struct Object {
        var mask: RLE
        var colour: RGBColour
        var isCrowd: Bool
    }

    let title: String
    let image: RGBImage

    /// Pixels of the longer side of each picture on a sheet.
    private static let side = 320
    private static let columns = 4

    /// A picture of the sheet's size with the outlines of the objects; what is large is made smaller, what is small larger.
    init(title: String, image: RGBImage, objects: [Object]) {
        self.title = title
        let longest = max(image.height, image.width)
        var (shown, masks) = (image, objects.map(\.mask))
        if longest > Self.side {
            func length(_ value: Int) -> Int { max(1, value * Self.side / longest) }
            let (height, width) = (length(image.height), length(image.width))
            func places(_ source: Int, _ count: Int) -> [Int] {
                (0..<count).map { (2 * $0 + 1) * source / (2 * count) }
            }
            let (rows, columns) = (places(image.height, height), places(image.width, width))
            shown = image.resized(width: width, height: height)
            masks = masks.map { $0.resampled(rows: rows, columns: columns) }
        }
        var canvas = Canvas(shown, scale: max(1, Self.side / max(shown.height, shown.width)))
        for (object, mask) in zip(objects, masks) {
            let pixels = mask.bitmap().pixels
            canvas.fill(mask: pixels, colour: object.colour, opacity: object.isCrowd ? 0.1 : 0.2)
            canvas.outline(mask: pixels, colour: object.colour)
        }
        self.image = canvas.image
    }

    /// The colour of an object by its place in the record: it keeps it throughout. What was pasted has the palette's other end.
    static func colour(_ index: Int, isPasted: Bool) -> RGBColour {
        .distinct(isPasted ? RGBColour.palette.count - 1 - index : index)
    }

    /// Pictures from left to right and from top to bottom; each group begins a row.
    static func sheet(_ groups: [[SheetCell]]) -> RGBImage {
        Canvas.stacked(
            groups.flatMap { cells in
                stride(from: 0, to: cells.count, by: columns).map { start in
                    Canvas.sideBySide(
                        cells[start..<min(cells.count, start + columns)].map { (title: $0.title, image: $0.image) })
                }
            })
    }
}
