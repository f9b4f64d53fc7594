package import Images

/// What a chain made of a sample.
package struct AugmentedSample: Sendable, Hashable {
    package var image: RGBImage
    /// Their masks have the image's size and at least one pixel. Objects of the sample keep their order; those of partners
    /// come after them.
    package var objects: [AugmentedObject]
    /// The objects that are no more, and why.
    package var dropped: [DroppedObject]
}
