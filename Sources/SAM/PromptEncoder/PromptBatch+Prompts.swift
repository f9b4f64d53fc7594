private import Masks
private import Tensors

extension PromptBatch {
    /// Prompts of the same kinds, brought from pixels of the image into the frame of the model's input.
    ///
    /// - Parameters:
    ///   - prompts: all with the same number of points, all with a box or none, all with a mask or none.
    ///   - frame: of the image that they are about.
    ///   - lowResSize: side of mask prompts, in pixels.
    package init(_ prompts: [Prompt], in frame: ImageFrame, lowResSize: Int) {
        let points = prompts.map { prompt in
            prompt.points.map { point in
                Point(
                    x: Float(point.x * frame.scaleX), y: Float(point.y * frame.scaleY),
                    label: point.isForeground ? .foreground : .background)
            }
        }
        let boxes = prompts.compactMap(\.box).map { box in
            Corners(
                x0: Float(box.x * frame.scaleX), y0: Float(box.y * frame.scaleY),
                x1: Float(box.maxX * frame.scaleX), y1: Float(box.maxY * frame.scaleY))
        }
        let masks = prompts.compactMap(\.mask)
        self.init(
            points: points.contains { !$0.isEmpty } ? points : [], boxes: boxes,
            masks: masks.isEmpty
                ? nil : Tensor(masks.flatMap { $0 }, shape: [masks.count, lowResSize, lowResSize]),
            emptyCount: prompts.count)
    }
}
