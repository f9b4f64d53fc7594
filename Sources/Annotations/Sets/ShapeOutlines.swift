private import Foundation
internal import Masks

/// The rings of shapes that tools have besides polygons; x and y in turn, in pixels.
enum ShapeOutlines {
    /// Corners of a circle's polygon.
    private static let circleCorners = 64

    static func rectangle(x0: Double, y0: Double, x1: Double, y1: Double) -> [Double] {
        [x0, y0, x1, y0, x1, y1, x0, y1]
    }

    /// - Parameter degrees: turned clockwise on the screen around its centre, or around `pivot`.
    static func rectangle(_ box: Box, degrees: Double, pivot: (x: Double, y: Double)? = nil) -> [Double] {
        let ring = rectangle(x0: box.x, y0: box.y, x1: box.maxX, y1: box.maxY)
        if degrees == 0 { return ring }
        let centre = pivot ?? (box.x + box.width / 2, box.y + box.height / 2)
        return rotated(ring, degrees: degrees, around: centre)
    }

    static func ellipse(x: Double, y: Double, radiusX: Double, radiusY: Double, degrees: Double = 0) -> [Double] {
        let ring = (0..<circleCorners).flatMap { corner -> [Double] in
            let angle = 2 * Double.pi * Double(corner) / Double(circleCorners)
            return [x + radiusX * cos(angle), y + radiusY * sin(angle)]
        }
        return degrees == 0 ? ring : rotated(ring, degrees: degrees, around: (x, y))
    }

    private static func rotated(_ ring: [Double], degrees: Double, around centre: (x: Double, y: Double)) -> [Double] {
        let (s, c) = (sin(degrees * .pi / 180), cos(degrees * .pi / 180))
        return stride(from: 0, to: ring.count - 1, by: 2).flatMap { at -> [Double] in
            let (dx, dy) = (ring[at] - centre.x, ring[at + 1] - centre.y)
            return [centre.x + dx * c - dy * s, centre.y + dx * s + dy * c]
        }
    }
}
