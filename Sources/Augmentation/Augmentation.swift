private import Foundation
internal import Runtime

/// How samples are varied in training: the ranges that are drawn from.
///
/// The draw for a sample is a pure function of (seed, epoch, sample), so that results do not depend on threads or on
/// the order in which samples are visited.
package struct Augmentation: Sendable, Hashable {
    /// Which flips and turns are drawn from, each as likely as the others.
    package enum Symmetry: String, Sendable, Hashable, CaseIterable {
        case none
        /// Left and right exchanged, or not: for scenes with an up and a down.
        case horizontal
        /// All eight: for images without a direction, as from a microscope or a satellite.
        case dihedral
    }

    package var symmetry: Symmetry
    /// Brightness is drawn from -brightness...brightness, in parts of full scale.
    package var brightness: Double
    /// Contrast is drawn from 1 - contrast...1 + contrast.
    package var contrast: Double
    /// Gamma is drawn from 1 / (1 + gamma)...1 + gamma, evenly in its logarithm.
    package var gamma: Double
    /// The smallest part of each side that a crop keeps, in 0...1; 1 for no cropping.
    package var smallestCrop: Double
    /// Sizes are multiplied by a factor from here to 1, evenly in its logarithm; 1 for no shrinking.
    package var smallestScale: Double

    package init(
        symmetry: Symmetry = .dihedral, brightness: Double = 0, contrast: Double = 0, gamma: Double = 0,
        smallestCrop: Double = 1, smallestScale: Double = 1
    ) {
        precondition((0...1).contains(brightness), "brightness \(brightness) is not in 0...1")
        precondition((0...1).contains(contrast), "contrast \(contrast) is not in 0...1")
        precondition(gamma >= 0, "gamma \(gamma) is below 0")
        precondition(smallestCrop > 0 && smallestCrop <= 1, "smallest crop \(smallestCrop) is not in 0...1")
        precondition(smallestScale > 0 && smallestScale <= 1, "smallest scale \(smallestScale) is not in 0...1")
        self.symmetry = symmetry
        self.brightness = brightness
        self.contrast = contrast
        self.gamma = gamma
        self.smallestCrop = smallestCrop
        self.smallestScale = smallestScale
    }

    /// No change at all.
    package static let none = Augmentation(symmetry: .none)

    private static let symmetryPurpose = RandomPurpose("augmentation.symmetry")
    private static let photometryPurpose = RandomPurpose("augmentation.photometry")
    static let cropPurpose = RandomPurpose("augmentation.crop")

    /// The flip or turn of one sample.
    package func symmetry(seed: UInt64, epoch: UInt64, sample: UInt64) -> DihedralTransform {
        var random = CounterRandom(seed: seed, epoch: epoch, sample: sample, purpose: Self.symmetryPurpose)
        switch symmetry {
        case .none: return .identity
        case .horizontal: return random.index(below: 2) == 0 ? .identity : .flipHorizontal
        case .dihedral: return .random(using: &random)
        }
    }

    /// The change of tone of one sample.
    package func photometry(seed: UInt64, epoch: UInt64, sample: UInt64) -> PhotometricTransform {
        var random = CounterRandom(seed: seed, epoch: epoch, sample: sample, purpose: Self.photometryPurpose)
        // Always three draws, so that one range set to nothing leaves the other two as they were.
        let (first, second, third) = (random.uniform(-1..<1), random.uniform(-1..<1), random.uniform(-1..<1))
        return PhotometricTransform(
            brightness: first * brightness, contrast: 1 + second * contrast,
            gamma: Foundation.pow(1 + gamma, third))
    }
}
