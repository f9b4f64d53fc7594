package import Masks

/// What a model is asked to segment, in pixels of the original image, origin top left.
package enum Prompt: Sendable, Hashable {
    /// A box around the object.
    case box(Box)
    /// One point on the object: column and row of a pixel.
    case point(PromptPoint)
}

/// A pixel that lies on an object.
package struct PromptPoint: Sendable, Hashable {
    /// Column, from 0 at the left.
    package var x: Double
    /// Row, from 0 at the top.
    package var y: Double

    package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// The two kinds of prompt that a model is validated and evaluated with.
package enum PromptKind: String, Sendable, Hashable, CaseIterable {
    /// The label's own box, without noise.
    case box
    /// One point: the deepest one of the mask.
    case point
}
