internal import Pipeline
private import Runtime
package import SAM
package import Shards
internal import Tensors

/// Encodes all images of shards into a cache, which training then finds everything in.
///
/// What is there already is read, verified and left: an interrupted run goes on when it is begun again.
package struct EmbeddingRun {
    /// How it went.
    package struct Summary: Sendable, Hashable {
        /// Embeddings that were computed and added.
        package var encoded = 0
        /// Embeddings that were there.
        package var found = 0
        /// Whether it was told to stop before the end.
        package var wasInterrupted = false

        package init() {}
    }

    /// What the cache holds in the end.
    package let plan: CachePlan
    private let set: ShardSet
    private let maker: ExampleMaker
    private let frozen: FrozenEncoder
    private let store: EmbeddingStore

    /// - Parameters:
    ///   - set: whose images are encoded, those without objects too.
    ///   - model: that encodes.
    ///   - blocks: how many of the encoder's blocks, or nil for all of it.
    ///   - configuration: of a training: its augmentation, variants, seed, least area and format of the cache count.
    ///   - folder: of the cache.
    /// - Throws: `TrainingError.configuration` for blocks that the encoder has not, `.space` when the disk has no room;
    ///   what opening the cache throws.
    package init(
        _ set: ShardSet, model: SAMModel, blocks: Int?, configuration: TrainingConfiguration, folder: String
    ) throws {
        let count = model.imageEncoder.blockCount
        if let blocks, !(1...count).contains(blocks) {
            throw TrainingError(.configuration, "blocks is \(blocks), but the encoder of this model has \(count)")
        }
        guard configuration.augmentSteps == nil else {
            throw TrainingError(
                .configuration,
                "augment-steps make other images in each epoch, so that there is nothing to keep of them")
        }
        let store = try EmbeddingStore(folder: folder)
        let lookup = EmbeddingLookup(
            model, depth: blocks.map { .blocks($0) } ?? .features, variants: ExampleFeed.variants(configuration),
            format: configuration.cacheFormat, store: store)
        plan = CachePlan(
            depth: lookup.depth, images: set.count, variants: lookup.variants, validationImages: 0,
            bytesPerImage: lookup.bytesPerImage, found: store.count(of: lookup.encoder),
            freeBytes: FileSystem.freeBytes(at: folder), folder: folder)
        guard plan.hasRoom else {
            throw TrainingError(
                .space,
                "the cache would take \(ByteSize(bytes: plan.bytes)), the disk has \(ByteSize(bytes: plan.freeBytes ?? 0)) "
                    + "left; f16, fewer variants or another folder would help", at: DataLocation(path: folder))
        }
        self.set = set
        self.store = store
        maker = ExampleMaker(configuration, model: model.configuration, cache: lookup)
        frozen = FrozenEncoder(model, lookup: lookup)
    }

    /// Encodes what is missing.
    ///
    /// - Parameters:
    ///   - shouldStop: asked before each image.
    ///   - remark: is told of damage in the cache.
    ///   - progress: called after each image with the number done, of how many.
    /// - Throws: `TrainingError.space` when the cache cannot be added to; what reading records and decoding images throws.
    package func run(
        shouldStop: () -> Bool = { false }, remark: (String) -> Void = { _ in },
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> Summary {
        let maker = maker
        let loader = SampleLoader(
            set, state: LoaderState(seed: 0), shuffle: .none, epochs: plan.variants, window: 2 * Workers.count + 1
        ) { sample, place in MissingImage(content: try maker.missingImage(of: sample, at: place)) }
        defer { loader.cancel() }
        var summary = Summary()
        for _ in 0..<plan.variants {
            while !shouldStop(), let image = try loader.next() {
                // The same image, or the same variant of it, may come twice.
                if let (pixels, key) = image.content, frozen.encoded(pixels, as: key).isNew {
                    summary.encoded += 1
                } else {
                    summary.found += 1
                }
                let isWritable = store.isWritable
                let remarks = store.takeRemarks()
                guard isWritable else {
                    throw TrainingError(.space, remarks.joined(separator: "; "), at: DataLocation(path: plan.folder))
                }
                remarks.forEach(remark)
                progress(summary.encoded + summary.found, plan.images * plan.variants)
            }
        }
        summary.wasInterrupted = summary.encoded + summary.found < plan.images * plan.variants
        return summary
    }

    /// What the loader hands over: nothing where the cache has it.
    private struct MissingImage: Sendable {
        let content: (pixels: Tensor, key: EmbeddingKey)?
    }
}
