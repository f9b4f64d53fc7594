internal import Masks

/// CVAT's masks: run lengths along the rows of a box, background first.
enum CVATMask {
    /// A box of more pixels than this is refused.
    private static let maximumPixels = 1 << 28

    /// Why run lengths make no mask.
    struct Failure: Error {
        let rule: String
        let message: String
    }

    /// - Returns: the mask, and how many pixels at the end of its box the runs leave out.
    static func mask(
        runs text: String, left: Int, top: Int, width boxWidth: Int, height boxHeight: Int, imageHeight: Int,
        imageWidth: Int
    ) throws(Failure) -> (mask: RLE, missing: Int) {
        let fields = text.split { $0 == "," || $0.isWhitespace }
        let runs = fields.compactMap { Int($0) }
        guard runs.count == fields.count, runs.allSatisfy({ $0 >= 0 && $0 <= maximumPixels }) else {
            throw Failure(rule: "rle.count", message: "a run is no whole number of pixels")
        }
        guard boxWidth > 0, boxHeight > 0, boxWidth <= maximumPixels / boxHeight else {
            throw Failure(rule: LabelRule.badValue, message: "a mask in a box of \(boxWidth) x \(boxHeight)")
        }
        let total = runs.reduce(0, +)
        let pixels = boxWidth * boxHeight
        guard total <= pixels else {
            throw Failure(
                rule: "rle.sum", message: "the runs cover \(total) pixels of a box of \(boxWidth) x \(boxHeight)")
        }
        let bitmap = Bitmap(height: imageHeight, width: imageWidth) { target in
            var position = 0
            for (index, run) in runs.enumerated() {
                if index % 2 == 1 {
                    for pixel in position..<position + run {
                        let (row, column) = (top + pixel / boxWidth, left + pixel % boxWidth)
                        if row >= 0, row < imageHeight, column >= 0, column < imageWidth {
                            target[row * imageWidth + column] = 1
                        }
                    }
                }
                position += run
            }
        }
        return (RLE(bitmap), pixels - total)
    }

    /// Run lengths of a mask in its own box; the mask is not empty.
    static func runs(_ mask: RLE) -> (runs: [Int], rows: Range<Int>, columns: Range<Int>)? {
        guard let bounds = mask.bounds else { return nil }
        let part = mask.cropped(rows: bounds.rows, columns: bounds.columns).bitmap()
        var runs: [Int] = []
        var value: UInt8 = 0
        var count = 0
        for pixel in part.pixels {
            if pixel != value {
                runs.append(count)
                (value, count) = (pixel, 0)
            }
            count += 1
        }
        runs.append(count)
        return (runs, bounds.rows, bounds.columns)
    }
}
