package import Tensors

/// Prompts for P objects of one image, all of the same kinds, in the frame of the model's input.
///
/// Shapes: P prompts, N points, L side of low-resolution masks.
package struct PromptBatch: Sendable {
    /// What a point says.
    package enum Label: Int, Sendable, Hashable {
        /// Fills up a shorter list of points; its place does not matter.
        case padding = -1
        case background = 0
        case foreground = 1
    }

    /// A place in the model's input, in pixels from the top left corner; (0, 0) is the centre of the first pixel.
    package struct Point: Sendable, Hashable {
        package var x: Float
        package var y: Float
        package var label: Label

        package init(x: Float, y: Float, label: Label) {
            self.x = x
            self.y = y
            self.label = label
        }
    }

    /// A box by its corners, in pixels of the model's input.
    package struct Corners: Sendable, Hashable {
        package var x0: Float
        package var y0: Float
        package var x1: Float
        package var y1: Float

        package init(x0: Float, y0: Float, x1: Float, y1: Float) {
            self.x0 = x0
            self.y0 = y0
            self.x1 = x1
            self.y1 = y1
        }
    }

    /// Number of prompts, P.
    package let count: Int
    /// N points for each of P prompts, or empty.
    package let points: [[Point]]
    /// One box for each of P prompts, or empty.
    package let boxes: [Corners]
    /// Logits [P, L, L] of an earlier mask, or nil.
    package let masks: Tensor?

    /// - Parameters:
    ///   - points: one list a prompt, all of the same length, or empty for no points.
    ///   - boxes: one a prompt, or empty for no boxes.
    ///   - masks: [P, L, L], or nil.
    ///   - emptyCount: number of prompts where all three are absent: prompts that say nothing.
    package init(points: [[Point]] = [], boxes: [Corners] = [], masks: Tensor? = nil, emptyCount: Int = 1) {
        let counts = [points.count, boxes.count, masks?.shape.first ?? 0].filter { $0 > 0 }
        precondition(Set(counts).count <= 1, "points, boxes and masks are for \(counts) prompts")
        precondition(Set(points.map(\.count)).count <= 1, "prompts of one batch need the same number of points")
        count = counts.first ?? emptyCount
        self.points = points
        self.boxes = boxes
        self.masks = masks
    }
}
