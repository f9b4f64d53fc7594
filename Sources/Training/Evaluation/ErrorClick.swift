package import Masks
package import SAM

/// Where somebody who corrects a mask would click next.
package enum ErrorClick {
    /// The deepest point of the largest region in which a mask differs from the label: of the object where it is missing, of
    /// the background where there is too much of it.
    ///
    /// Regions are joined at corners, too; of two as large, the missing one goes first, then the one that begins higher up.
    /// Source: Kirillov et al., "Segment Anything", 2023, appendix A; evaluation with the centre of the error region.
    ///
    /// - Parameters:
    ///   - prediction: of the label's size.
    ///   - label: with at least one pixel.
    ///   - takesBackground: whether the model knows points of the background.
    /// - Returns: nil where nothing is wrong that a click could tell.
    package static func next(prediction: RLE, label: RLE, takesBackground: Bool) -> Prompt.Point? {
        guard prediction != label, let window = window(of: prediction, label) else { return nil }
        let mask = prediction.cropped(rows: window.rows, columns: window.columns).bitmap()
        let truth = label.cropped(rows: window.rows, columns: window.columns).bitmap()
        let missing = largest(of: truth.subtracting(mask))
        let excess = takesBackground ? largest(of: mask.subtracting(truth)) : nil
        let isMissing = (missing?.area ?? 0) >= (excess?.area ?? 0)
        guard let region = isMissing ? missing : excess, region.area > 0 else { return nil }
        var point = PromptSampler.deepestPoint(in: RLE(region))
        point.x += Double(window.columns.lowerBound)
        point.y += Double(window.rows.lowerBound)
        point.isForeground = isMissing
        return point
    }

    /// The smallest window with all pixels of both masks; beyond it nothing is wrong.
    private static func window(of a: RLE, _ b: RLE) -> (rows: Range<Int>, columns: Range<Int>)? {
        let boxes = [a, b].compactMap(\.bounds)
        guard let first = boxes.first else { return nil }
        return boxes.reduce(first) { joined, box in
            (
                min(joined.rows.lowerBound, box.rows.lowerBound)..<max(joined.rows.upperBound, box.rows.upperBound),
                min(
                    joined.columns.lowerBound, box.columns.lowerBound)..<max(
                        joined.columns.upperBound, box.columns.upperBound)
            )
        }
    }

    private static func largest(of mask: Bitmap) -> Bitmap? {
        let parts = mask.connectedComponents(eightConnected: true)
        return parts.largest.map { parts.mask(of: $0) }
    }
}
