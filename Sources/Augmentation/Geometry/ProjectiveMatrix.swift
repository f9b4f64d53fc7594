private import Foundation

/// A projective map of the plane: (x, y) goes to ((a x + b y + c) / w, (d x + e y + f) / w) with w = g x + h y + i.
///
/// Coordinates count pixels from the image's top left corner; edges lie between pixels and the middle of the first pixel
/// is (0.5, 0.5), so that one matrix is right for images, masks and boxes alike.
package struct ProjectiveMatrix: Sendable, Hashable {
    package var a, b, c: Double
    package var d, e, f: Double
    package var g, h, i: Double

    package init(
        _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double, _ g: Double = 0,
        _ h: Double = 0, _ i: Double = 1
    ) {
        (self.a, self.b, self.c) = (a, b, c)
        (self.d, self.e, self.f) = (d, e, f)
        (self.g, self.h, self.i) = (g, h, i)
    }

    package static let identity = ProjectiveMatrix(1, 0, 0, 0, 1, 0)

    package static func translation(x: Double, y: Double) -> ProjectiveMatrix { ProjectiveMatrix(1, 0, x, 0, 1, y) }
    package static func scale(x: Double, y: Double) -> ProjectiveMatrix { ProjectiveMatrix(x, 0, 0, 0, y, 0) }

    /// A flip or turn of a frame.
    package init(_ transform: DihedralTransform, height: Int, width: Int) {
        let mirrored = ProjectiveMatrix(
            transform.mirrorsColumns ? -1 : 1, 0, transform.mirrorsColumns ? Double(width) : 0, 0,
            transform.mirrorsRows ? -1 : 1, transform.mirrorsRows ? Double(height) : 0)
        self = transform.swapsAxes ? mirrored.followed(by: ProjectiveMatrix(0, 1, 0, 1, 0, 0)) : mirrored
    }

    /// This map and then another.
    package func followed(by n: ProjectiveMatrix) -> ProjectiveMatrix {
        ProjectiveMatrix(
            n.a * a + n.b * d + n.c * g, n.a * b + n.b * e + n.c * h, n.a * c + n.b * f + n.c * i,
            n.d * a + n.e * d + n.f * g, n.d * b + n.e * e + n.f * h, n.d * c + n.e * f + n.f * i,
            n.g * a + n.h * d + n.i * g, n.g * b + n.h * e + n.i * h, n.g * c + n.h * f + n.i * i)
    }

    package var determinant: Double {
        a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    }

    /// The map that leads back; nil when there is none.
    package var inverse: ProjectiveMatrix? {
        let whole = determinant
        guard whole.isFinite, abs(whole) > 1e-30 else { return nil }
        let r = 1 / whole
        if isAffine {
            // Said exactly: what is affine stays so.
            return ProjectiveMatrix(e * r, -b * r, (b * f - c * e) * r, -d * r, a * r, (c * d - a * f) * r)
        }
        return ProjectiveMatrix(
            (e * i - f * h) * r, (c * h - b * i) * r, (b * f - c * e) * r, (f * g - d * i) * r, (a * i - c * g) * r,
            (c * d - a * f) * r, (d * h - e * g) * r, (b * g - a * h) * r, (a * e - b * d) * r)
    }

    /// Where a point goes; not a number where it goes nowhere.
    package func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        let w = g * x + h * y + i
        guard w > 1e-12 else { return (.nan, .nan) }
        return ((a * x + b * y + c) / w, (d * x + e * y + f) / w)
    }

    /// Whether lines that are parallel stay so.
    package var isAffine: Bool { g == 0 && h == 0 && i == 1 }

    /// How many times larger areas become around a point.
    package func areaFactor(atX x: Double, y: Double) -> Double {
        let w = g * x + h * y + i
        return w > 1e-12 ? abs(determinant) / (w * w * w) : 0
    }

    /// The lengths that a unit along each axis has after the map, around a point.
    package func axisFactors(atX x: Double, y: Double) -> (x: Double, y: Double) {
        let w = g * x + h * y + i
        guard w > 1e-12 else { return (1, 1) }
        let target = self(x, y)
        return (
            Foundation.hypot(a - g * target.x, d - g * target.y) / w,
            Foundation.hypot(b - h * target.x, e - h * target.y) / w
        )
    }

    /// The map that takes four points to four others, both lists in turn around their shape; nil when three of them lie
    /// on a line.
    package init?(from source: [(x: Double, y: Double)], to target: [(x: Double, y: Double)]) {
        precondition(source.count == 4 && target.count == 4, "a projective map is known by four points")
        guard let there = Self(unitSquareTo: target), let here = Self(unitSquareTo: source), let back = here.inverse
        else {
            return nil
        }
        var map = back.followed(by: there)
        guard map.i.isFinite, abs(map.i) > 1e-12 else { return nil }
        let unit = 1 / map.i
        map = ProjectiveMatrix(
            map.a * unit, map.b * unit, map.c * unit, map.d * unit, map.e * unit, map.f * unit, map.g * unit,
            map.h * unit, 1)
        self = map
    }

    /// The map of the corners (0, 0), (1, 0), (1, 1), (0, 1).
    /// Source: P. Heckbert, "Fundamentals of texture mapping and image warping", 1989, section 2.2.3.
    private init?(unitSquareTo p: [(x: Double, y: Double)]) {
        let (sumX, sumY) = (p[0].x - p[1].x + p[2].x - p[3].x, p[0].y - p[1].y + p[2].y - p[3].y)
        let (x1, y1) = (p[1].x - p[2].x, p[1].y - p[2].y)
        let (x2, y2) = (p[3].x - p[2].x, p[3].y - p[2].y)
        let area = x1 * y2 - x2 * y1
        guard area.isFinite, abs(area) > 1e-12 else { return nil }
        let g = (sumX * y2 - x2 * sumY) / area
        let h = (x1 * sumY - sumX * y1) / area
        self.init(
            p[1].x - p[0].x + g * p[1].x, p[3].x - p[0].x + h * p[3].x, p[0].x, p[1].y - p[0].y + g * p[1].y,
            p[3].y - p[0].y + h * p[3].y, p[0].y, g, h, 1)
    }

    /// The map along the axes, if it is one: a flip or turn of the source, then scaling and shifting.
    var axisAligned: AxisAlignedMap? { AxisAlignedMap(self) }
}
