internal import Masks

/// A mask as closed outlines along the borders of its pixels: its parts, and the holes in them.
struct MaskOutline {
    /// One ring for each 4-connected part, clockwise; x and y in turn, in pixels of the whole image.
    let parts: [[Double]]
    /// One ring for each hole, the other way round.
    let holes: [[Double]]

    init(_ mask: RLE) {
        guard let bounds = mask.bounds else {
            (parts, holes) = ([], [])
            return
        }
        let (x, y) = (Double(bounds.columns.lowerBound), Double(bounds.rows.lowerBound))
        let contours = mask.cropped(rows: bounds.rows, columns: bounds.columns).bitmap().contours()
        func shifted(_ rings: [[Double]]) -> [[Double]] {
            rings.map { ring in ring.enumerated().map { $0.element + ($0.offset % 2 == 0 ? x : y) } }
        }
        (parts, holes) = (shifted(contours.outer), shifted(contours.holes))
    }

    /// The part with the largest area, without its holes.
    var largestPart: [Double]? { parts.max { PolygonGeometry.signedArea($0) < PolygonGeometry.signedArea($1) } }

    /// All parts and holes as one ring: it leads from one to the next and back along bridges without width, whose
    /// crossings cancel, so that the COCO rasteriser makes exactly the mask of it.
    var bridged: [Double]? { BridgedRing.join(parts + holes) }
}

extension LabelledObject {
    /// The outlines as they were stated, where they are polygons that draw exactly the mask.
    var statedRings: [[Double]]? {
        guard case .polygons(let rings)? = annotation.segmentation, !rings.isEmpty,
            (try? RLE(height: mask.height, width: mask.width, polygons: rings)) == mask
        else { return nil }
        return rings
    }

    /// Outlines whose union is exactly the mask: those that were stated, or traced ones; nil where a hole stands in the
    /// way.
    func exactRings() -> [[Double]]? {
        if let statedRings { return statedRings }
        let outline = MaskOutline(mask)
        return outline.holes.isEmpty ? outline.parts : nil
    }
}
