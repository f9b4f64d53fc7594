package import Images
package import Masks
package import Shards

/// One image of an evaluation with the answers about it, for those who want to see them.
package struct AnsweredImage: Sendable {
    package let sample: ShardSample
    package let image: RGBImage
    /// The objects that were asked for.
    package let objects: [ShardObject]
    /// Number of the answerer, from 0.
    package let answerer: Int
    /// Its masks, one an object.
    package let masks: [PromptKind: [RLE]]

    package init(
        sample: ShardSample, image: RGBImage, objects: [ShardObject], answerer: Int, masks: [PromptKind: [RLE]]
    ) {
        self.sample = sample
        self.image = image
        self.objects = objects
        self.answerer = answerer
        self.masks = masks
    }
}
