package import Annotations
package import Masks

/// How the rings of one polygon make a mask.
package enum RingRule: String, Sendable, Hashable, CaseIterable {
    /// The union of all rings, as the COCO API has it: a ring inside another is filled.
    case coco
    /// A pixel is inside when it is in an odd number of rings: a ring inside another is a hole.
    case evenOdd = "even-odd"

    /// The mask of a segmentation; run lengths are what they are under either rule.
    package func mask(_ segmentation: Segmentation, height: Int, width: Int) throws(MaskError) -> RLE {
        guard self == .evenOdd, case .polygons(let rings) = segmentation, rings.count > 1 else {
            return try segmentation.rle(height: height, width: width)
        }
        var masks: [RLE] = []
        for (index, ring) in rings.enumerated() {
            // Only as a first ring do four numbers mean a box to the COCO API; later they are a line without area.
            if index > 0 && ring.count == 4 { continue }
            masks.append(try RLE(height: height, width: width, polygons: [ring]))
        }
        return try RLE.symmetricDifference(masks)
    }
}
