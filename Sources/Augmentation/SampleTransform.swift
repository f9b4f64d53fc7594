package import Images
package import Masks

/// Everything that augmentation does to one sample: crop and scale, then flip or turn, then tone.
package struct SampleTransform: Sendable, Hashable {
    package var crop: ScaleCrop?
    package var symmetry: DihedralTransform
    package var photometry: PhotometricTransform

    package init(
        crop: ScaleCrop? = nil, symmetry: DihedralTransform = .identity, photometry: PhotometricTransform = .identity
    ) {
        self.crop = crop
        self.symmetry = symmetry
        self.photometry = photometry
    }

    /// The varied image.
    package func callAsFunction(_ image: RGBImage) -> RGBImage {
        photometry(symmetry(crop?(image) ?? image))
    }

    /// The mask of the same object in the varied image; empty when the object was cropped away.
    ///
    /// Boxes follow from masks: `RLE.boundingBox` of the result.
    package func callAsFunction(_ mask: RLE) -> RLE { symmetry(crop?(mask) ?? mask) }
}

extension Augmentation {
    /// The draw for one sample.
    /// - Parameters:
    ///   - sample: the sample's stable number, not its place in the order of visits.
    ///   - height: of the image, in pixels.
    ///   - width: of the image, in pixels.
    ///   - objects: boxes of the sample's objects; a crop keeps one of them whole.
    package func transform(
        seed: UInt64, epoch: UInt64, sample: UInt64, height: Int, width: Int, objects: [Box]
    ) -> SampleTransform {
        SampleTransform(
            crop: crop(seed: seed, epoch: epoch, sample: sample, height: height, width: width, objects: objects),
            symmetry: symmetry(seed: seed, epoch: epoch, sample: sample),
            photometry: photometry(seed: seed, epoch: epoch, sample: sample))
    }
}
