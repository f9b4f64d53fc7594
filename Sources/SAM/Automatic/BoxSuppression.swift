/// Non-maximum suppression of boxes: of two that overlap, the one with the higher score stays.
package enum BoxSuppression {
    /// Walks from the highest score to the lowest (of equal ones the first comes first, NaN before all) and drops each box
    /// whose IoU with one that stayed is above the threshold. Boxes of no area drop nothing.
    ///
    /// Areas and quotients are rounded to 32 bits and compared in 64, as `torchvision.ops.nms` does on CPUs.
    ///
    /// - Returns: indexes of the boxes that stay, by falling score.
    /// - Complexity: O(boxes * boxes that stay).
    package static func kept(boxes: [PixelBox], scores: [Float], threshold: Double) -> [Int] {
        precondition(boxes.count == scores.count, "\(scores.count) scores for \(boxes.count) boxes")
        let order = boxes.indices.sorted { a, b in
            let (first, second) = (scores[a], scores[b])
            if first.isNaN || second.isNaN { return first.isNaN && (!second.isNaN || a < b) }
            return first != second ? first > second : a < b
        }
        var kept: [(index: Int, box: PixelBox, area: Float)] = []
        for index in order {
            let box = boxes[index]
            let area = Float(box.width) * Float(box.height)
            let isDropped = kept.contains { other in
                let width = max(0, min(box.x1, other.box.x1) - max(box.x0, other.box.x0))
                let height = max(0, min(box.y1, other.box.y1) - max(box.y0, other.box.y0))
                let shared = Float(width) * Float(height)
                return Double(shared / (other.area + area - shared)) > threshold
            }
            if !isDropped { kept.append((index, box, area)) }
        }
        return kept.map(\.index)
    }
}
