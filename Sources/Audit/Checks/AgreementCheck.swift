package import Masks

/// Whether the stated area and box belong to the mask.
///
/// COCO's own files state a polygon's area and bounds, other tools the mask's; both are right. The tolerances leave
/// room for rounding and for the half pixel by which masks and outlines differ.
package enum AgreementCheck {
    /// What a mask or outline measures.
    package struct Measures: Sendable, Hashable {
        package var maskArea: Int
        package var maskBox: Box
        /// The outline's, where there is one.
        package var polygonArea: Double?
        package var polygonBox: Box?
        package var perimeter: Double

        package init(
            maskArea: Int, maskBox: Box, polygonArea: Double? = nil, polygonBox: Box? = nil, perimeter: Double = 0
        ) {
            self.maskArea = maskArea
            self.maskBox = maskBox
            self.polygonArea = polygonArea
            self.polygonBox = polygonBox
            self.perimeter = perimeter
        }
    }

    /// Relative difference of areas that is still taken for the same.
    package static let areaShare = 0.05
    /// Difference of two boxes' edges in pixels that is still taken for the same.
    package static let boxPixels = 1.5
    /// The same as part of the box's side.
    package static let boxShare = 0.02

    /// Why a stated area is wrong; nil if it is right.
    package static func areaProblem(_ stated: Double, _ measures: Measures) -> String? {
        let mask = Double(measures.maskArea)
        // A mask and its outline differ by up to half a pixel along the outline.
        let slack = max(2, measures.perimeter / 2)
        if abs(stated - mask) <= max(areaShare * mask, slack) { return nil }
        if let polygon = measures.polygonArea, abs(stated - polygon) <= max(areaShare * polygon, 2) { return nil }
        return "the stated area is \(stated), the mask has \(measures.maskArea) pixels"
    }

    /// Whether a stated area is that of the stated box, as some tools have it.
    package static func isArea(_ stated: Double, of box: Box) -> Bool {
        abs(stated - box.area) <= max(1, 0.001 * box.area)
    }

    /// Why a stated box is wrong; nil if it is right.
    ///
    /// - Parameter size: of the image; polygons may reach outside, boxes need not.
    package static func boxProblem(_ stated: Box, _ measures: Measures, size: ImageSize) -> String? {
        if isSame(stated, measures.maskBox) { return nil }
        if let polygon = measures.polygonBox {
            if isSame(stated, polygon) || isSame(stated, polygon.clipped(to: size)) { return nil }
        }
        let expected = measures.polygonBox.map { $0.clipped(to: size) } ?? measures.maskBox
        let corners = Box(
            x: stated.x, y: stated.y, width: stated.width - stated.x, height: stated.height - stated.y)
        let hint = isSame(corners, expected) ? "; it looks like [x0, y0, x1, y1]" : ""
        return "the stated box is \(stated), the mask's \(measures.maskBox)\(hint)"
    }

    /// Whether two boxes are the same up to rounding and pixel borders.
    package static func isSame(_ a: Box, _ b: Box) -> Bool {
        let horizontal = max(boxPixels, boxShare * b.width)
        let vertical = max(boxPixels, boxShare * b.height)
        return abs(a.x - b.x) <= horizontal && abs(a.maxX - b.maxX) <= horizontal && abs(a.y - b.y) <= vertical
            && abs(a.maxY - b.maxY) <= vertical
    }
}

extension Box {
    /// The part of the box inside an image.
    func clipped(to size: ImageSize) -> Box {
        let left = min(max(x, 0), Double(size.width))
        let top = min(max(y, 0), Double(size.height))
        let right = min(max(maxX, left), Double(size.width))
        let bottom = min(max(maxY, top), Double(size.height))
        return Box(x: left, y: top, width: right - left, height: bottom - top)
    }
}
