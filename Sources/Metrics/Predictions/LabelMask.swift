internal import Masks

/// The mask of a label, or its outline as long as it need not be drawn.
enum LabelMask {
    case drawn(RLE)
    case outline(MaskOutline)

    var rle: RLE {
        switch self {
        case .drawn(let mask): mask
        case .outline(let outline): outline.mask()
        }
    }

    /// The mask for a comparison with some results: an outline that none of them overlaps enough is not drawn, and empty.
    ///
    /// Most labels that were not found are told by their places alone, and drawing is what takes longest.
    ///
    /// - Parameters:
    ///   - found: masks of the results, of one size and at least one.
    ///   - lowest: intersections over unions below this are as good as 0.
    func rle(for found: [RLE], lowest: Double) throws(MaskError) -> RLE {
        guard case .outline(let outline) = self else { return rle }
        if found.contains(where: { Self.reaches(outline, $0, lowest: lowest) }) { return outline.mask() }
        return try RLE(height: found[0].height, width: found[0].width)
    }

    /// Whether a result's overlap with an outline may be large enough.
    ///
    /// What they share lies in the columns of both and the rows of the outline; their union is at least the result.
    private static func reaches(_ outline: MaskOutline, _ mask: RLE, lowest: Double) -> Bool {
        guard let columns = mask.columns else { return lowest <= 0 }
        let shared = columns.clamped(to: outline.columns).count * outline.rows.count
        if shared == 0 { return lowest <= 0 }
        // A little less, so that rounding decides nothing.
        return Double(shared) >= 0.999 * lowest * Double(mask.area)
    }
}
