/// An axis-aligned box in pixels, as COCO writes it: left, top, width, height.
package struct Box: Sendable, Hashable, CustomStringConvertible {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    /// A box of no size at the origin: what an empty mask has.
    package static let zero = Box(x: 0, y: 0, width: 0, height: 0)

    /// The right edge, exclusive.
    package var maxX: Double { x + width }
    /// The lower edge, exclusive.
    package var maxY: Double { y + height }
    package var area: Double { width * height }

    /// Whether nothing of the box lies in an image of `height` x `width` at the origin.
    package func isOutside(height: Int, width: Int) -> Bool {
        maxX <= 0 || maxY <= 0 || x >= Double(width) || y >= Double(height)
    }

    package var description: String { "[\(x), \(y), \(width), \(height)]" }

    /// Intersection over union of a detection (`self`) with a ground truth, as `bbIou` of the COCO mask API.
    ///
    /// - Parameters:
    ///   - other: the ground truth.
    ///   - isCrowd: the ground truth is a crowd region: the union is then the detection's area alone.
    /// - Returns: 0...1; 0 where the boxes only touch.
    package func intersectionOverUnion(_ other: Box, isCrowd: Bool = false) -> Double {
        let w = Double.minimum(maxX, other.maxX) - Double.maximum(x, other.x)
        if w <= 0 { return 0 }
        let h = Double.minimum(maxY, other.maxY) - Double.maximum(y, other.y)
        if h <= 0 { return 0 }
        let intersection = w * h
        let union = isCrowd ? area : area + other.area - intersection
        return intersection / union
    }

    /// Intersection over union of every detection with every ground truth.
    ///
    /// - Parameters:
    ///   - detections: D boxes.
    ///   - groundTruth: G boxes.
    ///   - isCrowd: one flag a ground truth; empty means that none is a crowd.
    /// - Returns: row-major [D, G].
    package static func intersectionOverUnion(
        detections: [Box], groundTruth: [Box], isCrowd: [Bool] = []
    ) -> [Double] {
        precondition(
            isCrowd.isEmpty || isCrowd.count == groundTruth.count,
            "\(isCrowd.count) crowd flags for \(groundTruth.count) ground truths")
        return detections.flatMap { detection in
            groundTruth.enumerated().map { index, truth in
                detection.intersectionOverUnion(truth, isCrowd: isCrowd.isEmpty ? false : isCrowd[index])
            }
        }
    }
}
