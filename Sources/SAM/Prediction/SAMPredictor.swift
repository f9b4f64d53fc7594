package import Images
private import Kernels
private import Masks
private import Runtime
internal import Tensors

/// Answers prompts on one image at a time: the image is encoded once, then asked as often as wanted.
///
/// Records nothing for training. Source: segment-anything `predictor.py`.
package struct SAMPredictor {
    /// An image as the model sees it.
    package struct EncodedImage: Sendable {
        /// How the image lies in the model's input.
        package let frame: ImageFrame
        /// What the encoder made of it.
        package let features: ImageFeatures

        package init(frame: ImageFrame, features: ImageFeatures) {
            self.frame = frame
            self.features = features
        }
    }

    /// Objects that go through the mask decoder at once; bounds memory.
    private static let batchSize = 16

    package let model: SAMModel
    package let preprocessing: SAMPreprocessing
    /// The image in force, once ``setImage(_:)`` was called.
    package private(set) var image: EncodedImage?
    /// Encodings of the image embedding's cells, [G * G, C].
    let imagePosition: Tensor

    package init(model: SAMModel) {
        self.model = model
        preprocessing = SAMPreprocessing(model.configuration)
        imagePosition = model.promptEncoder.densePositionalEncoding()
    }

    /// Encodes an image; prompts from now on are about it.
    package mutating func setImage(_ image: RGBImage) {
        setImage(
            EncodedImage(
                frame: preprocessing.frame(height: image.height, width: image.width), features: features(of: image)))
    }

    /// What the encoder makes of an image, for whoever keeps it.
    package func features(of image: RGBImage) -> ImageFeatures {
        let input = preprocessing.input(image)
        return answering { model.imageEncoder(input) }
    }

    /// Takes an image that was encoded before; prompts from now on are about it.
    package mutating func setImage(_ image: EncodedImage) {
        // What the decoder makes of the image alone is made once, however often it is asked.
        let features = image.features
        let detailed = answering { model.detailed(features) }
        self.image = EncodedImage(frame: image.frame, features: detailed)
    }

    /// Runs the model with the products that it is to have, and nothing recorded.
    func answering<Value>(_ body: () -> Value) -> Value {
        Kernels.withProducts(of: model.productFormat) { GradientRecording.off(body) }
    }

    /// Masks for prompts about the image in force.
    ///
    /// - Parameters:
    ///   - prompts: in pixels of the original image.
    ///   - multimaskOutput: whether several masks are wanted for each prompt (best for one single point).
    /// - Returns: for each prompt its masks, in the decoder's order.
    /// - Throws: `SAMError.prompt` when a place lies outside the image or a mask is of the wrong size, `.answer` when the
    ///   model's numbers are not finite.
    package func predict(_ prompts: [Prompt], multimaskOutput: Bool) throws(SAMError) -> [[PredictedMask]] {
        guard let image else { preconditionFailure("setImage comes before predict") }
        for prompt in prompts { try validate(prompt, in: image.frame) }
        var results = [[PredictedMask]](repeating: [], count: prompts.count)
        for indexes in Self.batches(prompts) {
            let batch = PromptBatch(
                indexes.map { prompts[$0] }, in: image.frame, lowResSize: preprocessing.lowResSize)
            let output = answering {
                model.masks(
                    image: image.features, imagePosition: imagePosition, prompts: batch,
                    multimaskOutput: multimaskOutput)
            }
            try output.checkFinite()
            for (row, masks) in zip(indexes, split(output, frame: image.frame)) { results[row] = masks }
        }
        return results
    }

    /// The best mask for each prompt: of several, by predicted IoU, where the prompt may mean several things
    /// (``SAMConfiguration/wantsSeveralMasks(for:)``); else the single one.
    ///
    /// - Throws: as ``predict(_:multimaskOutput:)``.
    package func predictBest(_ prompts: [Prompt]) throws(SAMError) -> [PredictedMask] {
        var results: [PredictedMask?] = Array(repeating: nil, count: prompts.count)
        for wantsSeveral in [false, true] {
            let rows = prompts.indices.filter {
                model.configuration.wantsSeveralMasks(for: prompts[$0]) == wantsSeveral
            }
            let answers = try predict(rows.map { prompts[$0] }, multimaskOutput: wantsSeveral)
            for (row, masks) in zip(rows, answers) {
                results[row] = masks.max { $0.iouPrediction < $1.iouPrediction }
            }
        }
        return results.compactMap { $0 }
    }

    private func validate(_ prompt: Prompt, in frame: ImageFrame) throws(SAMError) {
        try prompt.validate(height: frame.originalHeight, width: frame.originalWidth)
        try model.check(prompt)
        let wanted = preprocessing.lowResSize
        guard let mask = prompt.mask, mask.count != wanted * wanted else { return }
        throw SAMError(.prompt, "a mask prompt has \(mask.count) logits; \(wanted) x \(wanted) are wanted")
    }

    /// Indexes of prompts of the same kinds, some at a time: a batch needs the same tokens for every prompt, and filling
    /// up with padding points would change the answers.
    private static func batches(_ prompts: [Prompt]) -> [[Int]] {
        struct Kind: Hashable {
            let points: Int
            let hasBox: Bool
            let hasMask: Bool
        }
        var groups: [(kind: Kind, indexes: [Int])] = []
        for (index, prompt) in prompts.enumerated() {
            let kind = Kind(points: prompt.points.count, hasBox: prompt.box != nil, hasMask: prompt.mask != nil)
            if let group = groups.firstIndex(where: { $0.kind == kind && $0.indexes.count < batchSize }) {
                groups[group].indexes.append(index)
            } else {
                groups.append((kind, [index]))
            }
        }
        return groups.map(\.indexes)
    }

    private func split(_ output: MaskDecoder.Output, frame: ImageFrame) -> [[PredictedMask]] {
        let (prompts, masks) = (output.lowResMasks.shape[0], output.lowResMasks.shape[1])
        let area = preprocessing.lowResSize * preprocessing.lowResSize
        let ious = output.iouPredictions.values
        let scan = MaskScan(frame: frame, preprocessing: preprocessing, stabilityOffset: 1)
        var results = [PredictedMask?](repeating: nil, count: prompts * masks)
        output.lowResMasks.withUnsafeBuffer { logits in
            results.withUnsafeMutableBufferPointer { buffer in
                guard let base = logits.baseAddress else { return }
                nonisolated(unsafe) let (source, results) = (base, buffer)  // each chunk writes its own
                Workers.forEachChunk(of: results.count, grain: 1) { items, _ in
                    for item in items {
                        let low = UnsafeBufferPointer(start: source + item * area, count: area)
                        let rle = scan.read(source + item * area).mask.rle(
                            height: frame.originalHeight, width: frame.originalWidth, top: 0, left: 0)
                        results[item] = PredictedMask(rle: rle, iouPrediction: ious[item], lowResLogits: Array(low))
                    }
                }
            }
        }
        let found = results.compactMap { $0 }
        return (0..<prompts).map { Array(found[$0 * masks..<($0 + 1) * masks]) }
    }
}
