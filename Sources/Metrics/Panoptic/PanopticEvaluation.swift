package import Annotations

/// What came of comparing panoptic predictions with the truth.
package struct PanopticEvaluation: Sendable {
    /// One class.
    package struct ClassResult: Sendable {
        package var category: COCOCategory
        package var isThing: Bool
        package var counts: PanopticCounts
    }

    /// Which classes a mean is over.
    package enum Part: String, Sendable, Hashable, CaseIterable {
        case all
        case things
        case stuff
    }

    /// In the order of the file.
    package var classes: [ClassResult]
    /// Images that were compared.
    package var imageCount: Int

    /// The classes of a part that have a segment.
    package func qualities(of part: Part) -> [PanopticQuality] {
        classes.filter { part == .all || $0.isThing == (part == .things) }.compactMap(\.counts.quality)
    }

    /// The mean over the classes of a part that have a segment; nil without one.
    package func quality(of part: Part) -> PanopticQuality? { PanopticQuality.mean(qualities(of: part)) }
}
