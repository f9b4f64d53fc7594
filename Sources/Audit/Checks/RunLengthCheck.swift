internal import Annotations
internal import Masks
internal import Runtime

/// Looks at the run-length mask of one object.
struct RunLengthCheck {
    private(set) var findings: [Finding] = []
    /// The mask; nil where it is not sound.
    private(set) var mask: RLE?

    /// - Parameters:
    ///   - segmentation: `.runs` or `.compressed`.
    ///   - size: of the image, where known.
    ///   - location: of the annotation.
    init(_ segmentation: Segmentation, size: ImageSize?, location: DataLocation) {
        guard let own = segmentation.size else { return }
        var place = location
        place.keyPath = "segmentation"
        let fits = size.map { own.height == $0.height && own.width == $0.width } ?? true
        if let size, !fits {
            let hint = own.height == size.width && own.width == size.height ? "; size is [height, width]" : ""
            findings.append(
                AuditRules.rule("rle.size").finding(
                    at: place,
                    "the mask is \(own.width) x \(own.height) pixels, its image \(size.width) x \(size.height)\(hint)"))
        }
        do throws(MaskError) {
            let mask = try segmentation.rle(height: own.height, width: own.width)
            if Self.hasZeroRun(segmentation) {
                findings.append(AuditRules.rule("rle.zero-run").finding(at: place, "a run after the first is zero"))
            }
            if size != nil && fits { self.mask = mask }
        } catch {
            findings.append(AuditRules.rule(error.codeName).finding(at: place, error.message))
        }
    }

    private static func hasZeroRun(_ segmentation: Segmentation) -> Bool {
        switch segmentation {
        case .polygons: false
        case .runs(_, _, let counts): counts.dropFirst().contains(0)
        case .compressed(_, _, let bytes): ((try? RLE.runs(compressed: bytes)) ?? []).dropFirst().contains(0)
        }
    }
}
