private import Augmentation
private import Images
private import Masks
package import Pipeline
private import Runtime
package import SAM
package import Shards

/// Makes training examples of samples: varies the image, draws objects and prompts, and renders the targets.
///
/// An example is a pure function of (seed, epoch, sample), whatever thread makes it and in which order; with micro-sam's
/// prompts also of the sample's place in the epoch.
package struct ExampleMaker: Sendable {
    private let seed: UInt64
    private let augmentation: Augmentation
    private let prompts: FirstPrompts
    private let objectsPerImage: Int
    private let minObjectArea: Int
    private let preprocessing: SAMPreprocessing

    package init(_ configuration: TrainingConfiguration, model: SAMConfiguration) {
        seed = configuration.seed
        augmentation = AugmentationFamily.augmentation(of: configuration.augment)
        prompts = FirstPrompts(configuration)
        objectsPerImage = configuration.objectsPerImage
        minObjectArea = configuration.minObjectArea
        preprocessing = SAMPreprocessing(model)
    }

    /// - Throws: `ImageError` or `PipelineError` when the image cannot be decoded.
    package func example(of sample: ShardSample, at place: SamplePlace) throws -> TrainingExample {
        let (epoch, number) = (UInt64(place.epoch), UInt64(place.index))
        let labels = sample.trainableObjects(minArea: minObjectArea).map(\.mask)
        let transform = augmentation.transform(
            seed: seed, epoch: epoch, sample: number, height: sample.height, width: sample.width,
            objects: labels.map(\.boundingBox))
        let image = transform(try sample.decodedImage())
        let frame = preprocessing.frame(height: image.height, width: image.width)

        var random = CounterRandom(seed: seed, epoch: epoch, sample: number, purpose: RandomPurpose("training objects"))
        var streams = CounterRandom(seed: seed, epoch: epoch, sample: number, purpose: RandomPurpose("prompt rounds"))
        let stream = streams.next()
        var objects: [TrainingObject] = []
        for index in random.permutation(labels.count) where objects.count < objectsPerImage {
            let mask = transform(labels[index])
            // A crop may leave a sliver of an object, or nothing; such ones are passed over.
            if mask.area < minObjectArea || !prompts.accepts(mask) { continue }
            objects.append(
                TrainingObject(
                    prompt: prompts.prompt(for: mask, place: place.epoch + place.position, random: &random),
                    target: target(of: mask, in: frame), label: mask, stream: streams.next()))
        }
        return TrainingExample(
            imageID: sample.imageID, image: .pixels(preprocessing.input(image)), frame: frame, objects: objects,
            stream: stream)
    }

    /// The mask on the grid of the model's low-resolution masks, whose cells lie in the frame of the model's input.
    private func target(of mask: RLE, in frame: ImageFrame) -> MaskCoverage {
        let side = preprocessing.lowResSize
        let cell = Double(preprocessing.imageSize) / Double(side)
        return MaskCoverage(
            of: mask, height: side, width: side, cellHeight: cell / frame.scaleY, cellWidth: cell / frame.scaleX)
    }
}

extension ShardSample {
    /// The objects that a model can learn and be judged by: single ones with enough pixels.
    package func trainableObjects(minArea: Int) -> [ShardObject] {
        objects.filter { !$0.isCrowd && $0.mask.area >= max(1, minArea) }
    }
}
