internal import Augmentation
internal import Images
internal import JSONText
private import Masks

/// What a chain of augmentation makes of one record: a picture of the original and several draws, outlines drawn in.
struct AugmentationSheet {
    private let original: AugmentationSample
    private let draws: [AugmentedSample]

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
        var cells = [Self.cell("original", original.image, original.objects)]
        for (index, draw) in draws.enumerated() {
            cells.append(Self.cell("draw \(index + 1)", draw.image, draw.objects))
        }
        return SheetCell.sheet([cells])
    }

    private static func cell(_ title: String, _ image: RGBImage, _ objects: [AugmentedObject]) -> SheetCell {
        SheetCell(
            title: title, image: image,
            objects: objects.map { object in
                SheetCell.Object(
                    mask: object.mask, colour: SheetCell.colour(object.index, isPasted: object.partner != nil),
                    isCrowd: object.isCrowd)
            })
    }
}
