package import Images
internal import Masks

/// An image with its objects, on its way into a chain of augmentation.
package struct AugmentationSample: Sendable, Hashable {
    package var image: RGBImage
    /// Their masks have the image's size.
    package var objects: [AugmentedObject]

    /// - Parameter objects: masks of the image's size.
    package init(image: RGBImage, objects: [AugmentedObject]) {
        for object in objects {
            precondition(
                object.mask.height == image.height && object.mask.width == image.width,
                "a mask of \(object.mask.height) x \(object.mask.width) in an image of \(image.height) x \(image.width)"
            )
        }
        self.image = image
        self.objects = objects
    }
}
