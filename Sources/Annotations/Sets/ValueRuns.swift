internal import Images
internal import Masks

/// The masks of the values of a label map, all in one pass.
enum ValueRuns {
    /// More values than this in one image are noise, not objects.
    static let maximumCount = Int(UInt16.max)

    /// - Parameters:
    ///   - values: [height, width], row-major.
    ///   - background: values that make no mask.
    /// - Returns: masks in ascending order of their values; nil when there are more than ``maximumCount``.
    /// - Throws: `MaskError.size` for an image larger than masks can be.
    static func masks(
        of values: [UInt32], height: Int, width: Int, background: Set<UInt32> = [0]
    ) throws(MaskError) -> [(value: UInt32, mask: RLE)]? {
        /// Runs of one value, and where the last one ended.
        struct Runs {
            var counts: [Int] = []
            var end = 0
        }
        precondition(values.count == height * width, "\(values.count) values of \(height) x \(width)")
        var runs: [UInt32: Runs] = [:]
        var current: UInt32?
        var start = 0
        func close(_ position: Int) {
            guard let value = current, !background.contains(value) else { return }
            // In place: a copy of the list for each run would make a noisy image take for ever.
            runs[value, default: Runs()].counts.append(start - runs[value, default: Runs()].end)
            runs[value]?.counts.append(position - start)
            runs[value]?.end = position
        }
        for column in 0..<width {
            for row in 0..<height {
                let value = values[row * width + column]
                if value == current { continue }
                let position = column * height + row
                close(position)
                if runs.count > maximumCount { return nil }
                (current, start) = (value, position)
            }
        }
        close(values.count)
        if runs.count > maximumCount { return nil }
        var masks: [(value: UInt32, mask: RLE)] = []
        for value in runs.keys.sorted() {
            guard let list = runs[value] else { continue }
            masks.append(
                (value, try RLE(height: height, width: width, counts: list.counts + [values.count - list.end])))
        }
        return masks
    }
}

extension LabelImage {
    /// One number a pixel: its value, or R + 256 G + 65536 B of 8-bit colours; alpha says nothing.
    var mapValues: [UInt32] {
        switch channels {
        case 1: return values.map { UInt32($0) }
        case 2: return stride(from: 0, to: values.count, by: 2).map { UInt32(values[$0]) }
        default:
            let shift = bitDepth == 16 ? 8 : 0
            return stride(from: 0, to: values.count, by: channels).map { first in
                let (r, g, b) = (
                    UInt32(values[first] >> shift), UInt32(values[first + 1] >> shift),
                    UInt32(values[first + 2] >> shift)
                )
                return r | g << 8 | b << 16
            }
        }
    }

    /// One colour a pixel, as R + 256 G + 65536 B: palettes looked up, gray repeated.
    var mapColours: [UInt32] {
        if channels >= 3 { return mapValues }
        let palette = palette?.map { UInt32($0[0]) | UInt32($0[1]) << 8 | UInt32($0[2]) << 16 }
        return mapValues.map { value in
            if let palette { return Int(value) < palette.count ? palette[Int(value)] : 0 }
            let gray = min(bitDepth == 16 ? value >> 8 : value, 255)
            return gray | gray << 8 | gray << 16
        }
    }
}
