internal import Augmentation

/// A family of random changes to training images.
package enum AugmentationFamily: String, Sendable, Hashable, CaseIterable {
    /// The eight flips and quarter turns.
    case dihedral
    /// Brightness by up to 15 % of full scale, contrast by up to 25 %, gamma by up to a factor of 1.25.
    case photometric
    /// A window of at least half of each side, which keeps one object whole.
    case crop

    /// The ranges that the families stand for.
    static func augmentation(of families: [AugmentationFamily]) -> Augmentation {
        let isPhotometric = families.contains(.photometric)
        return Augmentation(
            symmetry: families.contains(.dihedral) ? .dihedral : .none, brightness: isPhotometric ? 0.15 : 0,
            contrast: isPhotometric ? 0.25 : 0, gamma: isPhotometric ? 0.25 : 0,
            smallestCrop: families.contains(.crop) ? 0.5 : 1)
    }
}
