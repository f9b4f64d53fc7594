import SAM

extension PromptBatch {
    /// As many boxes as wanted in an image of the given side, beside and below each other a little.
    static func benchBoxes(_ count: Int, imageSize: Int) -> PromptBatch {
        let size = Float(imageSize)
        return PromptBatch(
            boxes: (0..<count).map { index in
                let start = Float(index) * size / 64 + size / 8
                return Corners(x0: start, y0: start, x1: start + size / 4, y1: start + size / 3)
            })
    }
}
