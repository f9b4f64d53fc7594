package import Masks

/// The outline or mask of an object, in one of COCO's forms.
package enum Segmentation: Sendable, Hashable {
    /// Rings of x, y in turn, in pixels; the object is the union of all. An empty list is an object without a mask.
    case polygons([[Double]])
    /// Uncompressed run lengths, column-major, background first: `{"size": [height, width], "counts": [...]}`.
    case runs(height: Int, width: Int, counts: [Int])
    /// Run lengths as the mask API packs them into a string.
    case compressed(height: Int, width: Int, bytes: [UInt8])

    /// The mask.
    ///
    /// - Parameters:
    ///   - height: of the image; run lengths of another size are refused.
    ///   - width: of the image.
    /// - Throws: `MaskError` for what has no mask: NaN, four numbers, a wrong sum or size.
    package func rle(height: Int, width: Int) throws(MaskError) -> RLE {
        if let size, size != (height, width) {
            throw MaskError(
                .size, "the mask is \(size.width) x \(size.height), the image \(width) x \(height)")
        }
        switch self {
        case .polygons(let rings): return try RLE(height: height, width: width, polygons: rings)
        case .runs(_, _, let counts): return try RLE(height: height, width: width, counts: counts)
        case .compressed(_, _, let bytes): return try RLE(height: height, width: width, compressed: bytes)
        }
    }

    /// The size that run lengths state; nil for polygons.
    package var size: (height: Int, width: Int)? {
        switch self {
        case .polygons: nil
        case .runs(let height, let width, _), .compressed(let height, let width, _): (height, width)
        }
    }

    /// Whether this is a list of no polygons.
    package var isEmptyList: Bool {
        guard case .polygons(let rings) = self else { return false }
        return rings.isEmpty
    }
}
