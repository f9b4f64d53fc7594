internal import Pipeline
internal import Runtime
internal import SAM
internal import Shards

/// Hands a run its examples: made ahead by the loader's threads, with images that are encoded as far as the encoder is
/// frozen, from the cache where it has them.
///
/// How far that is may change from one epoch to the next, as parameters join those that are trained; the feed then begins
/// anew at the same place of the order.
final class ExampleFeed {
    private let configuration: TrainingConfiguration
    private let model: SAMModel
    private let shards: ShardSet
    private let indices: [Int]
    private let endEpoch: Int
    private let cacheFolder: String
    private let validationImages: Int
    private var loader: SampleLoader<TrainingExample>?
    private var store: EmbeddingStore?

    /// The frozen part of the encoder, with its cache; nil where none of it is frozen, or the cache is off.
    private(set) var frozen: FrozenEncoder?
    /// What the cache holds in the end, once ``begin(at:remark:)`` was called and there is one.
    private(set) var plan: CachePlan?
    /// Time that the training thread has waited for examples, in seconds.
    private(set) var waitSeconds = 0.0
    private var encodedImages = 0
    /// Records that were left out, those of before included.
    private var knownCorrupt: [Int]
    /// Those of them that nobody has heard of yet.
    private var newlyLeftOut: [LeftOutRecord] = []

    /// - Parameters:
    ///   - configuration: of the run.
    ///   - model: that is trained.
    ///   - data: what is trained on.
    ///   - endEpoch: number of the epoch that is not begun any more.
    ///   - folder: of the run.
    ///   - leftOut: numbers of the records that the run has left out before.
    init(
        _ configuration: TrainingConfiguration, model: SAMModel, data: (shards: ShardSet, indices: [Int]),
        validationImages: Int, endEpoch: Int, folder: RunFolder, leftOut: [Int] = []
    ) {
        knownCorrupt = leftOut
        self.configuration = configuration
        self.model = model
        (shards, indices) = data
        self.validationImages = validationImages
        self.endEpoch = endEpoch
        cacheFolder = configuration.cacheFolder ?? FileSystem.join(folder.path, "cache")
    }

    /// Makes the feed stand at a place of the order, with what is frozen now.
    ///
    /// - Parameters:
    ///   - place: where the run stands.
    ///   - remark: is told what the cache does, whenever that changes.
    func begin(at place: LoaderState, remark: (String) -> Void) throws {
        let depth = Self.depth(of: model, configuration)
        if loader != nil && depth == frozen?.lookup.depth ?? .pixels { return }
        loader?.cancel()
        frozen = depth == .pixels ? nil : try frozenEncoder(depth, remark: remark)
        let maker = ExampleMaker(
            configuration, model: model.configuration, cache: frozen?.lookup, partners: (shards, indices))
        loader = SampleLoader(
            shards, state: place, shuffle: configuration.shuffle, indices: indices,
            repeats: shards.repeats(of: indices), epochs: endEpoch,
            window: configuration.batchSize + 2 * Workers.count, onCorrupt: configuration.skipCorrupt,
            knownCorrupt: knownCorrupt
        ) { sample, place in try maker.example(of: sample, at: place) }
    }

    /// How far images need not be encoded again.
    static func depth(of model: SAMModel, _ configuration: TrainingConfiguration) -> EncoderDepth {
        // Steps make other images in each epoch, and batches other results of one image: there is nothing to keep of them.
        configuration.cache == .off || configuration.augmentSteps != nil || model.usesBatchStatistics(configuration)
            ? .pixels : model.imageEncoder.frozenDepth
    }

    /// Variants of each image that differ at all.
    static func variants(_ configuration: TrainingConfiguration) -> Int {
        configuration.augment.isEmpty ? 1 : configuration.cacheVariants
    }

    private func frozenEncoder(_ depth: EncoderDepth, remark: (String) -> Void) throws -> FrozenEncoder {
        let store = try self.store ?? EmbeddingStore(folder: cacheFolder)
        self.store = store
        func lookup(_ store: EmbeddingStore?) -> EmbeddingLookup {
            EmbeddingLookup(
                model, depth: depth, variants: Self.variants(configuration), format: configuration.cacheFormat,
                store: store)
        }
        let kept = lookup(store)
        let plan = CachePlan(
            depth: depth, images: indices.count, variants: min(kept.variants, max(1, endEpoch)),
            validationImages: validationImages, bytesPerImage: kept.bytesPerImage,
            found: store.count(of: kept.encoder), freeBytes: FileSystem.freeBytes(at: cacheFolder),
            folder: cacheFolder)
        self.plan = plan
        remark(plan.sentence)
        for text in store.takeRemarks() { remark("cache: " + text) }
        return FrozenEncoder(model, lookup: plan.hasRoom ? kept : lookup(nil))
    }

    /// The examples of the next turns, fewer where records are left out; nil at the end of an epoch, and the call after that
    /// begins the next one.
    func next(_ turns: Int) throws -> [TrainingExample]? {
        guard let loader else { return nil }
        let start = ContinuousClock.now
        defer { waitSeconds += start.secondsSince }
        let told = loader.leftOut.count
        let examples = try loader.nextBatch(turns)
        for (index, finding) in zip(loader.leftOut, loader.findings).dropFirst(told) {
            knownCorrupt.append(index)
            newlyLeftOut.append(LeftOutRecord(index: index, finding: finding))
        }
        return examples
    }

    /// The records that were left out since the last call.
    func takeLeftOut() -> [LeftOutRecord] {
        defer { newlyLeftOut = [] }
        return newlyLeftOut
    }

    /// Encodes what the cache did not have, as far as the encoder is frozen, and keeps it there.
    func encoded(_ examples: [TrainingExample], remark: (String) -> Void) -> [TrainingExample] {
        guard let frozen else { return examples }
        let encoded = examples.map { example -> TrainingExample in
            // An image without objects is not looked at.
            guard case .pixels(let pixels) = example.image, let key = example.cacheKey, !example.objects.isEmpty else {
                return example
            }
            let (image, isNew) = frozen.encoded(pixels, as: key)
            if isNew { encodedImages += 1 }
            return example.with(image)
        }
        for text in store?.takeRemarks() ?? [] { remark("cache: " + text) }
        return encoded
    }

    /// Images that were encoded for the cache since the last call.
    func takeEncodedImages() -> Int {
        defer { encodedImages = 0 }
        return encodedImages
    }

    /// Stops the threads.
    func cancel() { loader?.cancel() }
}
