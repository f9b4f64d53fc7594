internal import Augmentation
internal import Kernels
internal import Layers
internal import Runtime
package import SAM
internal import Tensors

/// What a run's steps need of memory, known before the first one: the steps themselves are run on shapes alone.
///
/// Source of the idea: what an operation keeps and frees is decided by the operation, so that a formula beside it would
/// be wrong as soon as either changes.
package struct MemoryPlan: Sendable, Hashable {
    /// Weights, trained or not.
    package let weightBytes: Int
    /// Gradients of what is trained, what the optimiser remembers of it, and the moving average of the weights.
    package let trainingBytes: Int
    /// Resident memory of the process at the peak.
    package let peakBytes: Int

    /// What the data asks of a step at most.
    package struct Data: Sendable, Hashable {
        /// Steps of the run; the second finds the optimiser's moments in place.
        package let steps: Int
        /// Objects of the images, by the batches in which they may meet.
        package let objects: BatchLoad
        /// Pixels of the largest image, and of its longer side.
        package let pixels: Int
        package let side: Int
        /// Of the images that are validated on, or nil for none.
        package let validation: ValidationLoad?

        package init(
            steps: Int, objects: BatchLoad, pixels: Int = 0, side: Int = 0,
            validation: ValidationLoad? = nil
        ) {
            self.steps = steps
            self.objects = objects
            self.pixels = pixels
            self.side = side
            self.validation = validation
        }

        /// What a chain of steps makes of the largest image, if it has so many objects.
        func footprint(_ chain: AugmentationChain, objects count: Int) -> AugmentationFootprint {
            chain.footprint(
                of: .init(pixels: pixels, side: side, objects: count),
                partner: .init(pixels: pixels, side: side, objects: objects.most))
        }

        /// Objects that are drawn of each image of the batch that asks for most, falling.
        func worstBatch(_ configuration: TrainingConfiguration) -> [Int] {
            let chain = configuration.augmentSteps.map(AugmentationFile.chain(ofSteps:))
            return objects.worstBatch(of: configuration.batchSize) { count in
                min(configuration.objectsPerImage, chain.map { footprint($0, objects: count).sample.objects } ?? count)
            }
        }
    }

    /// What the images of a validation ask for at most.
    package struct ValidationLoad: Sendable, Hashable {
        /// Pixels of the largest image.
        package let pixels: Int
        /// Objects of the image that has most.
        package let objects: Int

        package init(pixels: Int, objects: Int) {
            self.pixels = pixels
            self.objects = objects
        }
    }

    /// Scratch memory of single operations, which the simulation leaves out: packed operands, and on each thread what it makes
    /// of a prompt's tokens before they are summed. Of many prompts more is held at once, as measured with 100 to 300.
    private static func scratchBytes(prompts: Int) -> Int {
        (15 << 20) + Workers.count * (prompts * (128 << 10) + max(0, prompts - 16) * (320 << 10))
    }

    /// The same of mask upscaling on the way back: gradients of its weights by parts, some for each prompt.
    private static func partBytes(_ model: SAMConfiguration, prompts: Int) -> Int {
        let (width, cells) = (model.promptEmbedDim, model.gridSize * model.gridSize)
        return prompts * ((cells + 767) / 768) * (width * width + width * width / 8) * MemoryLayout<Float>.stride
    }

    /// - Parameters:
    ///   - model: the architecture.
    ///   - configuration: of the run.
    ///   - data: what is trained on.
    ///   - otherBytes: resident memory that is not the tensors'.
    /// - Throws: `TrainingError.configuration` when the names of what is trained fit nothing.
    package init(
        _ model: SAMConfiguration, configuration: TrainingConfiguration, data: Data, otherBytes: Int
    ) throws(TrainingError) {
        var parameters: [Parameter] = []
        var trained: [Parameter] = []
        var depth = EncoderDepth.pixels
        var failure: TrainingError?
        let pool = MemorySimulation.peakBytes {
            do throws(TrainingError) {
                let model = SAMModel(model, from: .zero)
                parameters = model.parameters
                let choice = try TrainedParameters(model, configuration: configuration)
                // At the end of the run most is trained.
                choice.begin(epoch: .max)
                trained = choice.all
                depth = ExampleFeed.depth(of: model, configuration)
                try MemoryRehearsal(model, choice, configuration, data).run()
                for parameter in trained { parameter.gradient = nil }
            } catch { failure = error }
        }
        if let failure { throw failure }
        let size = MemoryLayout<Float>.stride
        weightBytes = parameters.reduce(0) { $0 + $1.count } * size
        let copies = 1 + OptimizerRule(configuration).momentNames.count + (configuration.ema > 0 ? 1 : 0)
        trainingBytes = copies * trained.reduce(0) { $0 + $1.count } * size
        let prompts = data.worstBatch(configuration).first ?? 0
        peakBytes =
            pool + PoolLedger.slackBytes(above: pool) + otherBytes
            + Self.scratchBytes(prompts: prompts) + Self.partBytes(model, prompts: prompts)
            + Self.pointBytes(configuration.lossPoints, prompts: prompts)
            + Self.pictureBytes(model, data, configuration)
            + Self.cacheBytes(model, depth: depth, format: configuration.cacheFormat)
    }

    // MARK: What is no tensor

    /// Places at which masks are compared: two coordinates and a label for each of three masks, and the spread that they are
    /// chosen from on each thread.
    private static func pointBytes(_ points: Int, prompts: Int) -> Int {
        points * (prompts * 3 * 3 + Workers.count * 3 * 4) * MemoryLayout<Float>.stride
    }

    /// Images, masks and distances: those that are prepared, and the room of three more (of two where steps of augmentation are
    /// planned with what they hold) that the heap does not give back, freed between others in an order that no two runs share;
    /// or what validation holds, and the room of one.
    private static func pictureBytes(
        _ model: SAMConfiguration, _ data: Data, _ configuration: TrainingConfiguration
    ) -> Int {
        let prepared = imageBytes(data, configuration)
        let image = 3 * data.pixels
        let training = prepared + (configuration.augmentSteps == nil ? 3 : 2) * image
        guard let validation = data.validation else { return training }
        // The report comes when no more images are prepared.
        let beside = max(prepared + image, configuration.report ? distanceBytes(validation) : 0)
        return max(training, beside + validationBytes(model, validation))
    }

    /// Images on the loader's threads: one as stored, large where it does not compress, and beside it two, decoded and turned or
    /// turned and in other colours; or what steps of augmentation hold of them, and of others that they take parts of.
    private static func imageBytes(_ data: Data, _ configuration: TrainingConfiguration) -> Int {
        let footprint = configuration.augmentSteps.map(AugmentationFile.chain(ofSteps:))
            .map { data.footprint($0, objects: data.objects.most) }
        let ready = 2 * 3 * (footprint?.sample.pixels ?? data.pixels)
        return Workers.count * (3 * data.pixels + max(ready, footprint?.peakBytes ?? 0))
    }

    /// Records of the cache on their way to the disk and from it.
    private static func cacheBytes(_ model: SAMConfiguration, depth: EncoderDepth, format: CacheFormat) -> Int {
        if depth == .pixels { return 0 }
        let shapes = ImageEncoder.shapes(model, at: depth)
        let numbers = shapes.tokens.reduce(1, *) + (shapes.early?.reduce(1, *) ?? 0)
        // An entry being written is there as numbers, as a message and as a record; each thread may be reading one.
        return (3 + Workers.count) * numbers * format.elementFormat.size
    }

    /// What a validation holds beside tensors: an image, masks and labels of its objects at its size on each thread, and the
    /// logits of the prompts that are asked at once, several masks for each that is ambiguous.
    private static func validationBytes(_ model: SAMConfiguration, _ load: ValidationLoad) -> Int {
        let logits = model.lowResSize * model.lowResSize * MemoryLayout<Float>.stride
        return load.pixels * (2 * 3 + 3 * Workers.count) + min(64, load.objects) * (model.numMaskTokens - 1) * logits
    }

    /// What the report's validation holds besides: on each thread how far each pixel is from a mask's boundary, or how deep it
    /// lies in what is wrong of the mask.
    private static func distanceBytes(_ load: ValidationLoad) -> Int { load.pixels * 12 * Workers.count }
}
