/// A mask as run lengths, as the COCO mask API keeps it: column-major, background first.
///
/// Always canonical: the runs add up to `height * width`, and only the first may be zero. Two masks are the same
/// exactly if they are equal.
package struct RLE: Sendable, Hashable {
    package let height: Int
    package let width: Int
    /// Lengths of background and foreground runs in turn, down the columns from left to right; never empty.
    package let counts: [UInt32]

    /// More pixels than this have runs that no COCO reader can hold.
    package static let maximumPixels = Int(UInt32.max)

    /// An empty mask.
    ///
    /// - Throws: `MaskError.size`.
    package init(height: Int, width: Int) throws(MaskError) {
        let pixels = try Self.pixelCount(height: height, width: width)
        self.init(height: height, width: width, canonical: [UInt32(pixels)])
    }

    /// Checks uncompressed COCO counts and brings them into canonical form (runs of zero length are merged away).
    ///
    /// - Throws: `MaskError.count` for a negative or oversized run, `.sum` when the runs are not `height * width`
    ///   pixels in all, `.size` for an impossible size.
    package init(height: Int, width: Int, counts: [Int]) throws(MaskError) {
        let pixels = try Self.pixelCount(height: height, width: width)
        var toggles = ToggleList(capacity: counts.count)
        var position = 0
        for (index, count) in counts.enumerated() {
            guard count >= 0, count <= Self.maximumPixels else {
                throw MaskError(.count, "run \(index) is \(count); a run is between 0 and 4294967295")
            }
            position += count
            guard position <= pixels else { throw Self.wrongSum(counts, height: height, width: width) }
            toggles.toggle(at: position)
        }
        guard position == pixels else { throw Self.wrongSum(counts, height: height, width: width) }
        self.init(height: height, width: width, canonical: toggles.counts(pixels: pixels))
    }

    /// Trusts its caller that `canonical` is canonical.
    init(height: Int, width: Int, canonical: [UInt32]) {
        self.height = height
        self.width = width
        counts = canonical
    }

    /// `height * width` of a mask.
    ///
    /// - Throws: `MaskError.size` when one is negative or there are more than 2^32 - 1 pixels.
    static func pixelCount(height: Int, width: Int) throws(MaskError) -> Int {
        let (pixels, overflow) = height.multipliedReportingOverflow(by: width)
        guard height >= 0, width >= 0, !overflow, pixels <= maximumPixels else {
            throw MaskError(
                .size, "a mask of height \(height) and width \(width); at most 4294967295 pixels are possible")
        }
        return pixels
    }

    private static func wrongSum(_ counts: [Int], height: Int, width: Int) -> MaskError {
        let total = counts.reduce(0) { sum, count in
            let (next, overflow) = sum.addingReportingOverflow(count)
            return overflow ? Int.max : next
        }
        return MaskError(.sum, "the runs cover \(total) pixels; \(height) x \(width) is \(height * width)")
    }

    /// `height * width`.
    package var pixelCount: Int { height * width }

    /// The number of foreground pixels.
    package var area: Int {
        var total = 0
        for index in stride(from: 1, to: counts.count, by: 2) { total += Int(counts[index]) }
        return total
    }

    /// Whether no pixel is foreground.
    package var isEmpty: Bool { counts.count < 2 }

    /// The tightest box around the foreground, all zeros for an empty mask.
    package var boundingBox: Box {
        guard let bounds = bounds else { return .zero }
        return Box(
            x: Double(bounds.columns.lowerBound), y: Double(bounds.rows.lowerBound),
            width: Double(bounds.columns.count),
            height: Double(bounds.rows.count))
    }

    /// The columns from the first to the last that the foreground touches; nil for an empty mask. Known without a walk.
    package var columns: Range<Int>? {
        guard !isEmpty else { return nil }
        let behind = counts.count.isMultiple(of: 2) ? 0 : Int(counts[counts.count - 1])
        return Int(counts[0]) / height..<(pixelCount - behind - 1) / height + 1
    }

    /// The rows and columns that the foreground touches; nil for an empty mask.
    package var bounds: (rows: Range<Int>, columns: Range<Int>)? {
        guard !isEmpty else { return nil }
        let h = UInt32(height)
        var top = UInt32.max
        var bottom: UInt32 = 0
        var left = UInt32.max
        var right: UInt32 = 0
        var position: UInt32 = 0
        for index in stride(from: 1, to: counts.count, by: 2) {
            position += counts[index - 1]
            let (firstColumn, firstRow) = position.quotientAndRemainder(dividingBy: h)
            position += counts[index]
            let (lastColumn, lastRow) = (position - 1).quotientAndRemainder(dividingBy: h)
            left = min(left, firstColumn)
            right = max(right, lastColumn)
            if firstColumn < lastColumn {
                top = 0
                bottom = h - 1
            } else {
                top = min(top, firstRow)
                bottom = max(bottom, lastRow)
            }
        }
        return (Int(top)..<Int(bottom) + 1, Int(left)..<Int(right) + 1)
    }
}
