/// All kinds of steps that a chain can have.
package enum StepCatalogue {
    /// In the order of the documentation: geometry, pixels, mixing, composition.
    private static let types: [any AugmentationOperation.Type] = [
        HorizontalFlip.self, VerticalFlip.self, Transpose.self, RandomRotate90.self, D4.self, Affine.self, Rotate.self,
        ShiftScaleRotate.self, Perspective.self, ElasticTransform.self, RandomCrop.self, CenterCrop.self,
        CropNonEmptyMaskIfExists.self, BBoxSafeRandomCrop.self, RandomSizedBBoxSafeCrop.self, RandomResizedCrop.self,
        LargeScaleJitter.self, Resize.self, LongestMaxSize.self, SmallestMaxSize.self, RandomScale.self,
        PadIfNeeded.self, RandomBrightnessContrast.self, RandomGamma.self, ColorJitter.self, HueSaturationValue.self,
        ToGray.self, CLAHE.self, GaussianBlur.self, Blur.self, MotionBlur.self, MedianBlur.self, GaussNoise.self,
        ImageCompression.self, CoarseDropout.self, CopyPaste.self, Mosaic.self, OneOf.self, SomeOf.self,
        Sequential.self,
    ]

    /// Name, parameters and defaults of each.
    package static let specifications: [StepSpecification] = types.map { $0.specification }

    /// The operation of a name; nil when there is none.
    static func type(named name: String) -> (any AugmentationOperation.Type)? {
        types.first { $0.specification.name == name }
    }
}
