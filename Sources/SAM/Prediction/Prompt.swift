package import Masks
private import Runtime

/// What a user says about one object, in pixels of the original image, origin at the top left.
package struct Prompt: Sendable, Hashable {
    /// A place that belongs to the object, or does not.
    package struct Point: Sendable, Hashable {
        package var x: Double
        package var y: Double
        /// Whether the object is there; false marks background.
        package var isForeground: Bool

        package init(x: Double, y: Double, isForeground: Bool = true) {
            self.x = x
            self.y = y
            self.isForeground = isForeground
        }
    }

    package var points: [Point]
    package var box: Box?
    /// Low-resolution logits of an earlier prediction, L * L row-major, or nil.
    package var mask: [Float]?

    package init(points: [Point] = [], box: Box? = nil, mask: [Float]? = nil) {
        self.points = points
        self.box = box
        self.mask = mask
    }

    /// Whether it says one thing only, so that several masks may fit; the caller then wants multimask output.
    package var isAmbiguous: Bool { points.count <= 1 && box == nil && mask == nil }

    /// Demands places inside an image of the given size, and finite numbers.
    ///
    /// A point may lie on the far edges; a box may reach one pixel over an edge, as rounded boxes of other programs do.
    ///
    /// - Throws: `SAMError.prompt` that names the place and the image's size.
    package func validate(height: Int, width: Int) throws(SAMError) {
        let (right, bottom) = (Double(width), Double(height))
        let size = "the image, which is \(width) x \(height) pixels"
        for point in points where !((0...right).contains(point.x) && (0...bottom).contains(point.y)) {
            throw SAMError(.prompt, "point (\(point.x), \(point.y)) lies outside \(size)")
        }
        guard let box else { return }
        let corners = "box (\(box.x), \(box.y)) to (\(box.maxX), \(box.maxY))"
        guard box.width > 0, box.height > 0 else {
            throw SAMError(.prompt, "\(corners) is empty; x0 < x1 and y0 < y1 are wanted")
        }
        guard box.x >= -1, box.y >= -1, box.maxX <= right + 1, box.maxY <= bottom + 1 else {
            throw SAMError(.prompt, "\(corners) reaches outside \(size)")
        }
    }
}
