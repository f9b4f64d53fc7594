internal import Masks
package import Runtime

/// Looks at the polygons of one object.
///
/// A defect is named once: what follows from it (a degenerate ring has no area either) is not reported again.
package struct PolygonCheck {
    /// How far outside the image a coordinate may lie, in pixels: annotators and rounding go a little over the border.
    package static let outsideTolerance = 1.0

    package private(set) var findings: [Finding] = []
    /// The union of all rings; nil where the object has no mask, or none that can be trusted.
    private(set) var mask: RLE?
    /// The bounds of all rings; nil without one.
    private(set) var bounds: Box?
    /// Whether a ring reaches outside the image.
    private(set) var isOutside = false
    /// The sum of the rings' areas by the shoelace formula.
    private(set) var area = 0.0
    /// The length of all outlines.
    private(set) var perimeter = 0.0

    private let rings: [[Double]]
    private let size: ImageSize?
    private let location: DataLocation
    private var ringMasks: [RLE] = []
    private var isSound = true

    /// - Parameters:
    ///   - rings: at least one.
    ///   - size: of the image, where known.
    ///   - location: of the annotation.
    package init(rings: [[Double]], size: ImageSize?, location: DataLocation) {
        self.rings = rings
        self.size = size
        self.location = location
        if isNormalised {
            report("polygon.normalised", "all coordinates lie within 0...1")
            return
        }
        for index in rings.indices { check(index) }
        guard isSound, size != nil else { return }
        reportNested()
        mask = try? RLE.union(ringMasks)
    }

    private mutating func report(_ rule: String, ring: Int? = nil, _ message: String) {
        var place = location
        place.keyPath = ring.map { rings.count > 1 ? "segmentation[\($0)]" : "segmentation" } ?? "segmentation"
        findings.append(AuditRules.rule(rule).finding(at: place, message))
    }

    private var isNormalised: Bool {
        size.map { PolygonGeometry.isNormalised(rings, height: $0.height, width: $0.width) } ?? false
    }

    private mutating func check(_ index: Int) {
        let ring = rings[index]
        guard ring.count >= 2 else {
            report("polygon.empty", ring: index, "the polygon has no point")
            isSound = false
            return
        }
        guard ring.allSatisfy({ abs($0) < 4e8 }) else {
            let value = ring.first { !(abs($0) < 4e8) } ?? .nan
            report("polygon.not-finite", ring: index, "coordinate \(value)")
            isSound = false
            return
        }
        guard ring.count != 4 else {
            report("polygon.four-numbers", ring: index, "the polygon is \(ring)")
            isSound = false
            return
        }
        if ring.count % 2 == 1 {
            report("polygon.odd-length", ring: index, "\(ring.count) numbers")
            isSound = false
        }
        let distinct = PolygonGeometry.distinctPoints(ring)
        guard distinct >= 3 else {
            report(
                "polygon.degenerate", ring: index,
                "\(ring.count / 2) points, of which \(distinct) \(distinct == 1 ? "is" : "are") different")
            isSound = false
            return
        }
        measure(ring)
        checkShape(ring, index)
        checkPlace(ring, index)
    }

    private mutating func measure(_ ring: [Double]) {
        area += abs(PolygonGeometry.signedArea(ring))
        let points = PolygonGeometry.corners(ring)
        for (index, point) in points.enumerated() {
            let next = points[index + 1 < points.count ? index + 1 : 0]
            let (dx, dy) = (next.x - point.x, next.y - point.y)
            perimeter += (dx * dx + dy * dy).squareRoot()
        }
        guard let own = PolygonGeometry.bounds(ring) else { return }
        bounds = bounds.map { $0.union(own) } ?? own
    }

    private mutating func checkShape(_ ring: [Double], _ index: Int) {
        switch SelfIntersection.find(ring) {
        case .none: break
        case .crossing(let edge, let other):
            let points = PolygonGeometry.corners(ring)
            report(
                "polygon.self-intersection", ring: index,
                "the edges from (\(points[edge].x), \(points[edge].y)) and from (\(points[other].x), \(points[other].y)) cross"
            )
        case .undecided:
            report("polygon.complexity", ring: index, "\(ring.count / 2) points with too many overlapping edges")
        }
        let tips = PolygonGeometry.spikes(ring)
        if let tip = tips.first {
            let more = tips.count > 1 ? ", and at \(tips.count - 1) more" : ""
            report("polygon.spike", ring: index, "the outline turns back at (\(tip.x), \(tip.y))\(more)")
        }
    }

    /// Where the ring lies, and whether anything of it is drawn.
    private mutating func checkPlace(_ ring: [Double], _ index: Int) {
        guard let size, let bounds = PolygonGeometry.bounds(ring) else { return }
        let (width, height) = (Double(size.width), Double(size.height))
        if bounds.isOutside(height: size.height, width: size.width) {
            isOutside = true
            report("polygon.off-image", ring: index, "\(bounds.edges) in an image of \(size.width) x \(size.height)")
            isSound = false
            return
        }
        let tolerance = Self.outsideTolerance
        if bounds.x < -tolerance || bounds.y < -tolerance || bounds.maxX > width + tolerance
            || bounds.maxY > height + tolerance
        {
            isOutside = true
            report("polygon.outside", ring: index, "\(bounds.edges) in an image of \(size.width) x \(size.height)")
        }
        do throws(MaskError) {
            let mask = try RLE(height: size.height, width: size.width, polygons: [ring])
            if mask.isEmpty {
                report("polygon.zero-area", ring: index, "\(bounds.edges) holds no pixel's centre")
                isSound = false
            }
            ringMasks.append(mask)
        } catch {
            report("polygon.complexity", ring: index, error.message)
            isSound = false
        }
    }

    /// Rings all of whose pixels belong to another ring.
    private mutating func reportNested() {
        guard ringMasks.count > 1, ringMasks.count <= 64 else { return }
        let areas = ringMasks.map(\.area)
        for inner in ringMasks.indices {
            for outer in ringMasks.indices where areas[outer] > areas[inner] {
                if ringMasks[inner].isInside(ringMasks[outer], area: areas[inner]) {
                    report("polygon.nested", ring: inner, "all of its \(areas[inner]) pixels lie in polygon \(outer)")
                    break
                }
            }
        }
    }
}

extension RLE {
    /// Whether all pixels of the mask belong to another one; boxes are compared first.
    fileprivate func isInside(_ other: RLE, area: Int) -> Bool {
        guard let bounds, let outer = other.bounds, outer.rows.contains(bounds.rows),
            outer.columns.contains(bounds.columns)
        else { return false }
        return intersectionArea(other) == area
    }
}

extension Range<Int> {
    fileprivate func contains(_ other: Range<Int>) -> Bool {
        lowerBound <= other.lowerBound && upperBound >= other.upperBound
    }
}

extension Box {
    /// The smallest box around this one and another.
    func union(_ other: Box) -> Box {
        let (left, top) = (min(x, other.x), min(y, other.y))
        return Box(x: left, y: top, width: max(maxX, other.maxX) - left, height: max(maxY, other.maxY) - top)
    }

    /// The edges, for messages.
    var edges: String { "x \(x)...\(maxX), y \(y)...\(maxY)" }
}
