internal import Augmentation
private import Images
private import Masks
package import Pipeline
private import Runtime
package import SAM
package import Shards
internal import Tensors

/// Makes training examples of samples: varies the image, draws objects and prompts, and renders the targets.
///
/// An example is a pure function of (seed, epoch, sample), whatever thread makes it and in which order; with micro-sam's
/// prompts also of the sample's place in the epoch. With a cache, whose images have a few variants, the image is one of
/// (seed, variant, sample).
package struct ExampleMaker: Sendable {
    private let seed: UInt64
    private let augmentation: Augmentation
    /// In place of it, where the configuration has steps.
    private let chain: AugmentationChain?
    /// What its steps may take parts of.
    private let partners: AugmentationPartners
    private let prompts: FirstPrompts
    private let objectsPerImage: Int
    private let minObjectArea: Int
    private let preprocessing: SAMPreprocessing
    private let cache: EmbeddingLookup?

    /// - Parameters:
    ///   - configuration: of the run.
    ///   - model: the architecture.
    ///   - cache: knows images that need no decoding; nil for none.
    ///   - partners: the set and the records that steps such as copy-paste may take parts of; nil for none.
    package init(
        _ configuration: TrainingConfiguration, model: SAMConfiguration, cache: EmbeddingLookup? = nil,
        partners: (shards: ShardSet, indices: [Int])? = nil
    ) {
        self.cache = cache
        seed = configuration.seed
        augmentation = AugmentationFamily.augmentation(of: configuration.augment)
        chain = configuration.augmentSteps.map(AugmentationFile.chain(ofSteps:))
        precondition(chain == nil || cache == nil, "images of a chain of steps are not kept")
        if let partners, chain?.needsPartners ?? false {
            let minArea = configuration.minObjectArea
            self.partners = partners.shards.partners(
                partners.indices, skippingDamaged: configuration.skipCorrupt != .fail
            ) { try $0.augmentable(minArea: minArea) }
        } else {
            self.partners = .none
        }
        prompts = FirstPrompts(configuration)
        objectsPerImage = configuration.objectsPerImage
        minObjectArea = configuration.minObjectArea
        preprocessing = SAMPreprocessing(model)
    }

    /// - Throws: `ImageError` or `PipelineError` when the image cannot be decoded.
    package func example(of sample: ShardSample, at place: SamplePlace) throws -> TrainingExample {
        let (epoch, number) = (UInt64(place.epoch), UInt64(place.index))
        let varied = try chain.map { try self.varied(sample, by: $0, at: place) } ?? varied(sample, at: place)
        let frame = preprocessing.frame(height: varied.height, width: varied.width)

        var random = CounterRandom(seed: seed, epoch: epoch, sample: number, purpose: RandomPurpose("training objects"))
        var streams = CounterRandom(seed: seed, epoch: epoch, sample: number, purpose: RandomPurpose("prompt rounds"))
        let stream = streams.next()
        var objects: [TrainingObject] = []
        for index in random.permutation(varied.count) where objects.count < objectsPerImage {
            let mask = varied.mask(index)
            // A crop may leave a sliver of an object, or nothing; such ones are passed over.
            if mask.area < minObjectArea || !prompts.accepts(mask) { continue }
            objects.append(
                TrainingObject(
                    prompt: prompts.prompt(for: mask, place: place.epoch + place.position, random: &random),
                    target: target(of: mask, in: frame), label: mask, stream: streams.next()))
        }
        return TrainingExample(
            imageID: sample.imageID, image: varied.image, frame: frame, objects: objects, stream: stream,
            cacheKey: varied.key)
    }

    /// A sample's image and labels as an epoch sees them.
    private struct Varied {
        var height: Int
        var width: Int
        var image: ExampleImage
        var key: EmbeddingKey?
        /// Objects, some of which may have become too small.
        var count: Int
        var mask: (Int) -> RLE
    }

    /// A sample varied by families of changes.
    private func varied(_ sample: ShardSample, at place: SamplePlace) throws -> Varied {
        let labels = sample.trainableObjects(minArea: minObjectArea).map(\.mask)
        let transform = transform(of: sample, number: place.index, epoch: place.epoch)
        let size = transform.size(height: sample.height, width: sample.width)
        let key = cache?.key(of: sample, transform)
        // Of a cached image nothing but the labels is looked at.
        let image = try key.flatMap { cache?.image($0) } ?? .pixels(pixels(of: sample, transform))
        return Varied(
            height: size.height, width: size.width, image: image, key: key, count: labels.count,
            mask: { transform(labels[$0]) })
    }

    /// A sample varied by a chain of steps.
    private func varied(_ sample: ShardSample, by chain: AugmentationChain, at place: SamplePlace) throws -> Varied {
        let result = try chain(
            sample.augmentable(minArea: minObjectArea),
            key: AugmentationKey(seed: seed, epoch: UInt64(place.epoch), sample: UInt64(place.index)),
            partners: partners)
        return Varied(
            height: result.image.height, width: result.image.width,
            image: .pixels(preprocessing.input(result.image)), key: nil, count: result.objects.count,
            mask: { result.objects[$0].mask })
    }

    /// The varied image of a sample that the cache does not know yet.
    ///
    /// - Returns: nil when it knows it.
    /// - Throws: as ``example(of:at:)``.
    func missingImage(of sample: ShardSample, at place: SamplePlace) throws -> (pixels: Tensor, key: EmbeddingKey)? {
        guard let cache else { preconditionFailure("nothing is missing without a cache") }
        let transform = transform(of: sample, number: place.index, epoch: place.epoch)
        let key = cache.key(of: sample, transform)
        return cache.image(key) == nil ? (try pixels(of: sample, transform), key) : nil
    }

    /// How a sample is varied in an epoch.
    private func transform(of sample: ShardSample, number: Int, epoch: Int) -> SampleTransform {
        augmentation.transform(
            seed: seed, epoch: UInt64(cache?.variant(ofEpoch: epoch) ?? epoch), sample: UInt64(number),
            height: sample.height, width: sample.width,
            objects: sample.trainableObjects(minArea: minObjectArea).map(\.mask.boundingBox))
    }

    /// The varied image as the model's input, [1, S, S, 3].
    private func pixels(of sample: ShardSample, _ transform: SampleTransform) throws -> Tensor {
        preprocessing.input(transform(try sample.decodedImage()))
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

    /// The sample as a chain of steps takes it.
    ///
    /// - Throws: `ImageError` or `PipelineError` when the image cannot be decoded.
    fileprivate func augmentable(minArea: Int) throws -> AugmentationSample {
        AugmentationSample(
            image: try decodedImage(),
            objects: trainableObjects(minArea: minArea).enumerated().map { index, object in
                AugmentedObject(index: index, category: Int(object.categoryID), mask: object.mask)
            })
    }
}
