package import Masks

/// A box of whole pixels by its corners, as the reference keeps boxes: of masks the far corner is the last pixel inside,
/// of crops the first one outside.
package struct PixelBox: Sendable, Hashable {
    package var x0: Int
    package var y0: Int
    package var x1: Int
    package var y1: Int

    package init(x0: Int, y0: Int, x1: Int, y1: Int) {
        self.x0 = x0
        self.y0 = y0
        self.x1 = x1
        self.y1 = y1
    }

    /// The box of a mask: its first and last rows and columns; zeros for an empty one.
    package init(of bounds: (rows: Range<Int>, columns: Range<Int>)?) {
        guard let bounds else {
            self.init(x0: 0, y0: 0, x1: 0, y1: 0)
            return
        }
        self.init(
            x0: bounds.columns.lowerBound, y0: bounds.rows.lowerBound, x1: bounds.columns.upperBound - 1,
            y1: bounds.rows.upperBound - 1)
    }

    /// The same box seen from a frame whose origin lies at (-x, -y).
    package func moved(x: Int, y: Int) -> PixelBox { PixelBox(x0: x0 + x, y0: y0 + y, x1: x1 + x, y1: y1 + y) }

    /// `x1 - x0` and `y1 - y0`: one less than a mask's columns and rows.
    package var width: Int { x1 - x0 }
    package var height: Int { y1 - y0 }

    /// Left, top, width, height; of a mask one pixel smaller each way than COCO's box, as the reference has it.
    package var box: Box { Box(x: Double(x0), y: Double(y0), width: Double(width), height: Double(height)) }

    /// Whether an edge lies within `tolerance` pixels of the crop's same edge, where the crop's is not the image's: the
    /// object was probably cut off there.
    ///
    /// - Parameters:
    ///   - crop: in the frame of the image, like this box.
    ///   - image: the whole image.
    package func isNearEdge(of crop: PixelBox, notOf image: PixelBox, tolerance: Int = 20) -> Bool {
        [(x0, crop.x0, image.x0), (y0, crop.y0, image.y0), (x1, crop.x1, image.x1), (y1, crop.y1, image.y1)]
            .contains { own, crop, image in abs(own - crop) <= tolerance && abs(own - image) > tolerance }
    }
}
