internal import Images
internal import Masks
internal import Runtime

/// The masks of one image of a Pascal VOC set.
struct VOCMasks {
    struct Object {
        let mask: RLE
        /// The class that most of its pixels have in the class map; nil where there is no such map.
        let className: String?
    }

    /// By number.
    private(set) var objects: [UInt32: Object] = [:]
    /// The areas of classes, where objects are not told apart.
    private(set) var regions: [(name: String, mask: RLE)] = []

    private static let void: Set<UInt32> = [0, 255]

    init(_ entry: VOCLayout.Entry, height: Int, width: Int, table: ClassTable, _ sheet: inout LabelSheet) {
        let classes = entry.classes.flatMap { Self.values($0, height: height, width: width, &sheet) }
        let names = Dictionary(table.entries.map { ($0.value, $0.name) }, uniquingKeysWith: { first, _ in first })
        if let path = entry.objects, let values = Self.values(path, height: height, width: width, &sheet) {
            for (value, mask) in Self.masks(values, height, width, path, &sheet) {
                let name = classes.map { Self.majority($0, mask) }.flatMap { names[$0] }
                objects[value] = Object(mask: mask, className: name)
            }
        } else if let classes, let path = entry.classes {
            for (value, mask) in Self.masks(classes, height, width, path, &sheet) {
                if let name = names[value] {
                    regions.append((name, mask))
                } else {
                    sheet.drop(
                        LabelRule.unknownValue, keyPath: "value \(value)",
                        "\(path) has \(mask.area) pixels of value \(value), which no class has")
                }
            }
        }
    }

    private static func masks(
        _ values: [UInt32], _ height: Int, _ width: Int, _ path: String, _ sheet: inout LabelSheet
    ) -> [(value: UInt32, mask: RLE)] {
        if let masks = try? ValueRuns.masks(of: values, height: height, width: width, background: void) { return masks }
        sheet.drop(LabelRule.tooManyObjects, keyPath: path, "\(path) has more values than there can be objects")
        return []
    }

    /// Palette indexes; colours that a tool has put in their place are looked up in VOC's palette.
    private static func values(_ path: String, height: Int, width: Int, _ sheet: inout LabelSheet) -> [UInt32]? {
        let map: LabelImage
        do {
            map = try MappedFile(path: path).withBytes { try ImageCodec.decodeLabels($0) }
        } catch {
            sheet.drop(LabelRule.unreadable, keyPath: path, "\(path): \(failureReason(error))")
            return nil
        }
        guard map.height == height, map.width == width else {
            sheet.drop(
                LabelRule.sizeMismatch, keyPath: path,
                "\(path) is \(map.width) x \(map.height), the image \(width) x \(height)")
            return nil
        }
        guard map.channels >= 3 else { return map.mapValues }
        var unknown = 0
        let border = ClassTable.colour([224, 224, 192])
        let values = map.mapValues.map { colour -> UInt32 in
            if let index = VOCPalette.indexes[colour] { return index }
            if colour != border { unknown += 1 }
            return 255
        }
        sheet.note(
            unknown > 0 ? LabelRule.unknownValue : LabelRule.repairedValue, unknown > 0 ? .error : .note,
            "\(path) has colours in place of palette indexes, which are looked up in VOC's palette"
                + (unknown > 0 ? "; \(unknown) pixels have a colour that it does not hold, and are void" : ""))
        return values
    }

    /// The value that most pixels of a mask have.
    private static func majority(_ values: [UInt32], _ mask: RLE) -> UInt32 {
        var counts: [UInt32: Int] = [:]
        var position = 0
        for (index, count) in mask.counts.enumerated() {
            if index % 2 == 1 {
                for pixel in position..<position + Int(count) {
                    counts[values[pixel % mask.height * mask.width + pixel / mask.height], default: 0] += 1
                }
            }
            position += Int(count)
        }
        for void in void { counts[void] = nil }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    }
}
