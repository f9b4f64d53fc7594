internal import Images
internal import Masks
internal import Runtime

/// Reads the objects of a map in which each class has a value or colour.
struct ClassMapReader {
    let table: ClassTable
    let ids: CategoryList
    /// Classes are told by colour.
    let usesColours: Bool
    let splitsParts: Bool

    /// The farthest, summed over red, green and blue, that a lossy colour may be from the class's.
    private static let colourTolerance = 96

    func read(_ path: String, height: Int, width: Int, into sheet: inout LabelSheet) throws {
        guard let values = values(path, height: height, width: width, &sheet) else { return }
        let background = usesColours ? table.backgroundColours : table.backgroundValues
        let isBlackKnown = table.entries.contains { $0.colour == 0 }
        guard
            let masks = try? ValueRuns.masks(
                of: values, height: height, width: width,
                background: usesColours && !isBlackKnown ? background.union([0]) : background)
        else {
            sheet.drop(
                LabelRule.tooManyObjects, keyPath: path, "\(path) has more values than there can be classes")
            return
        }
        let names = Dictionary(
            table.entries.map { (usesColours ? $0.colour ?? 0 : $0.value, $0.name) },
            uniquingKeysWith: { first, _ in first })
        for (value, mask) in masks {
            guard let category = names[value].flatMap({ ids[$0] }) else {
                // 255 is void in most sets, whatever their tables say.
                let isVoid = !usesColours && value == 255
                if isVoid {
                    sheet.note(
                        LabelRule.unknownValue, .note, "\(mask.area) pixels of value 255, which no class has, are void")
                } else {
                    sheet.drop(
                        LabelRule.unknownValue, keyPath: Self.description(value, isColour: usesColours),
                        "\(mask.area) pixels have \(Self.description(value, isColour: usesColours)), which no class has"
                    )
                }
                continue
            }
            for part in splitsParts ? Self.parts(of: mask) : [mask] { sheet.add(category: category, mask: part) }
        }
    }

    private static func description(_ value: UInt32, isColour: Bool) -> String {
        isColour ? "colour \(value & 255),\(value >> 8 & 255),\(value >> 16)" : "value \(value)"
    }

    private static func parts(of mask: RLE) -> [RLE] {
        guard let bounds = mask.bounds else { return [] }
        let bitmap = mask.cropped(rows: bounds.rows, columns: bounds.columns).bitmap()
        let components = bitmap.connectedComponents(eightConnected: true)
        // The map of parts is a map of values like any other.
        let masks = try? ValueRuns.masks(
            of: components.labels.map { UInt32($0) }, height: bitmap.height, width: bitmap.width)
        return (masks ?? []).map {
            $0.mask.placed(
                height: mask.height, width: mask.width, top: bounds.rows.lowerBound, left: bounds.columns.lowerBound)
        }
    }

    private func values(_ path: String, height: Int, width: Int, _ sheet: inout LabelSheet) -> [UInt32]? {
        func checked(_ h: Int, _ w: Int) -> Bool {
            if h == height, w == width { return true }
            sheet.drop(
                LabelRule.sizeMismatch, keyPath: path, "\(path) is \(w) x \(h), the image \(width) x \(height)")
            return false
        }
        do {
            let file = try MappedFile(path: path)
            let isJPEG = ImageFormat(signatureOf: file.bytes) == .jpeg
            if isJPEG, usesColours {
                let image = try file.withBytes { try ImageCodec.decodeRGB($0) }
                guard checked(image.height, image.width) else { return nil }
                return nearest(image, path, &sheet)
            }
            let map = try file.withBytes { try ImageCodec.decodeLabels($0) }
            guard checked(map.height, map.width) else { return nil }
            return usesColours ? map.mapColours : map.grayValues ?? map.mapValues
        } catch {
            sheet.drop(LabelRule.unreadable, keyPath: path, "\(path): \(failureReason(error))")
            return nil
        }
    }

    /// The nearest class's colour for each pixel of a lossy map.
    private func nearest(_ image: RGBImage, _ path: String, _ sheet: inout LabelSheet) -> [UInt32] {
        let colours = Array(Set(table.entries.compactMap(\.colour)).union(table.backgroundColours).union([0])).sorted()
        var known: [UInt32: UInt32] = [:]
        var far = 0
        let values = stride(from: 0, to: image.pixels.count, by: 3).map { at -> UInt32 in
            let colour =
                UInt32(image.pixels[at]) | UInt32(image.pixels[at + 1]) << 8 | UInt32(image.pixels[at + 2]) << 16
            if let known = known[colour] { return known }
            var best: (colour: UInt32, distance: Int) = (0, .max)
            for candidate in colours {
                let distance = [0, 8, 16].reduce(0) { sum, shift in
                    sum + abs(Int(colour >> UInt32(shift) & 255) - Int(candidate >> UInt32(shift) & 255))
                }
                if distance < best.distance { best = (candidate, distance) }
            }
            if best.distance > Self.colourTolerance { far += 1 }
            known[colour] = best.colour
            return best.colour
        }
        sheet.note(
            LabelRule.lossyMask, .warning,
            "\(path) is a JPEG, whose colours are approximate: each pixel gets the nearest class"
                + (far > 0 ? "; \(far) colours are far from any" : ""))
        return values
    }
}

extension LabelImage {
    /// The values of numbers that are stored as gray in three channels; nil for any other image.
    fileprivate var grayValues: [UInt32]? {
        guard channels >= 3 else { return nil }
        var found: [UInt32] = []
        found.reserveCapacity(height * width)
        for first in stride(from: 0, to: values.count, by: channels) {
            guard values[first] == values[first + 1], values[first] == values[first + 2] else { return nil }
            found.append(UInt32(values[first]))
        }
        return found
    }
}
