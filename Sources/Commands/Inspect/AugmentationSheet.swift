internal import Augmentation
internal import Images
internal import JSONText
private import Masks

/// What a chain of augmentation makes of one record: a picture of the original and several draws, outlines drawn in.
struct AugmentationSheet {
    private let original: AugmentationSample
    private let draws: [AugmentedSample]

    /// Pixels of the longer side of each picture on the sheet.
    private static let side = 320
    private static let columns = 4

    /// - Parameters:
    ///   - sample: the record.
    ///   - number: of the record, on which the draws depend.
    ///   - partners: the records that steps may take parts of.
    init(
        _ sample: AugmentationSample, number: Int, request: AugmentationRequest, partners: AugmentationPartners
    ) throws {
        original = sample
        draws = try (0..<request.draws).map { draw in
            try request.chain(
                sample, key: AugmentationKey(seed: request.seed, epoch: UInt64(draw), sample: UInt64(number)),
                partners: partners)
        }
    }

    /// Objects and what was dropped, draw by draw.
    var json: JSONValue {
        .array(
            draws.map { draw in
                .object([
                    JSONMember("width", .integer(Int64(draw.image.width))),
                    JSONMember("height", .integer(Int64(draw.image.height))),
                    JSONMember("objects", .integer(Int64(draw.objects.count))),
                    JSONMember("pasted", .integer(Int64(draw.objects.filter { $0.partner != nil }.count))),
                    JSONMember(
                        "dropped",
                        .array(
                            draw.dropped.map { dropped in
                                .object([
                                    JSONMember("rule", .string(dropped.rule.rawValue)),
                                    JSONMember("object", .integer(Int64(dropped.index))),
                                    JSONMember("partner", dropped.partner.map { .integer(Int64($0)) } ?? .null),
                                    JSONMember("area", .integer(Int64(dropped.area))),
                                ])
                            })),
                ])
            })
    }

    /// One line a draw.
    var text: String {
        let lines = draws.enumerated().map { index, draw -> String in
            let pasted = draw.objects.filter { $0.partner != nil }.count
            var line = "draw \(index + 1): \(draw.image.width) x \(draw.image.height), \(draw.objects.count) objects"
            if pasted > 0 { line += ", \(pasted) of them pasted" }
            for rule in DroppedObject.Rule.allCases {
                let count = draw.dropped.filter { $0.rule == rule }.count
                if count > 0 { line += ", \(count) dropped (\(rule.rawValue))" }
            }
            return line
        }
        return lines.joined(separator: "\n")
    }

    /// The original first, then the draws, from left to right and from top to bottom.
    func picture() -> RGBImage {
        var cells = [(title: "original", image: Self.cell(original.image, original.objects))]
        for (index, draw) in draws.enumerated() {
            cells.append((title: "draw \(index + 1)", image: Self.cell(draw.image, draw.objects)))
        }
        let rows = stride(from: 0, to: cells.count, by: Self.columns).map { start in
            Canvas.sideBySide(Array(cells[start..<min(cells.count, start + Self.columns)]))
        }
        return Canvas.stacked(rows)
    }

    /// A picture of the sheet's size with the outlines of the objects; what is large is made smaller, what is small larger.
    private static func cell(_ image: RGBImage, _ objects: [AugmentedObject]) -> RGBImage {
        let longest = max(image.height, image.width)
        var (shown, masks) = (image, objects.map(\.mask))
        if longest > side {
            func length(_ value: Int) -> Int { max(1, value * side / longest) }
            let (height, width) = (length(image.height), length(image.width))
            func places(_ source: Int, _ count: Int) -> [Int] {
                (0..<count).map { (2 * $0 + 1) * source / (2 * count) }
            }
            let (rows, columns) = (places(image.height, height), places(image.width, width))
            shown = image.resized(width: width, height: height)
            masks = masks.map { $0.resampled(rows: rows, columns: columns) }
        }
        var canvas = Canvas(shown, scale: max(1, side / max(shown.height, shown.width)))
        for (index, object) in objects.enumerated() {
            // An object keeps its colour through all draws; what was pasted has the palette's other end.
            let colour = RGBColour.distinct(
                object.partner == nil ? object.index : RGBColour.palette.count - 1 - object.index)
            let pixels = masks[index].bitmap().pixels
            canvas.fill(mask: pixels, colour: colour, opacity: object.isCrowd ? 0.1 : 0.2)
            canvas.outline(mask: pixels, colour: colour)
        }
        return canvas.image
    }
}
