private import Layers
private import Masks
private import Runtime
private import Tensors

/// Whether updates merged into the weights do what they did beside them: both ways are run, on a picture of noise.
package enum MergeCheck {
    /// Differences up to this, relative to the largest number, are rounding.
    package static let tolerance = 1e-4

    /// The largest difference between the answers of a model with updates attached and with them merged, relative to the
    /// largest number of the answer: of the mask logits and the predicted IoUs of a box in the middle and a point. And whether
    /// the base has its old bytes again after the updates are taken off.
    ///
    /// - Parameter model: with updates attached, as it is afterwards too.
    package static func difference(of model: SAMModel) -> (relative: Double, isRestored: Bool) {
        let base = model.weightsDigest
        let beside = answers(of: model)
        let merged = MergedUpdates(of: model.parameters)
        let relative = largestDifference(beside, answers(of: model))
        merged.unmerge()
        return (relative, model.weightsDigest == base)
    }

    private static func largestDifference(_ beside: [[Float]], _ merged: [[Float]]) -> Double {
        zip(beside, merged).map { beside, merged -> Double in
            let scale = beside.reduce(Float(1e-6)) { max($0, abs($1)) }
            // What is no number differs.
            return zip(beside, merged).reduce(0) { largest, pair in
                let difference = Double(abs(pair.0 - pair.1) / scale)
                return difference.isFinite ? max(largest, difference) : .infinity
            }
        }.max() ?? 0
    }

    private static func answers(of model: SAMModel) -> [[Float]] {
        GradientRecording.off {
            let side = model.configuration.imageSize
            var random = CounterRandom(seed: 0, purpose: RandomPurpose("merge check"))
            let pixels = Tensor(
                (0..<side * side * 3).map { _ in Float(random.normal()) }, shape: [1, side, side, 3])
            let image = model.imageEncoder(pixels)
            let position = model.promptEncoder.densePositionalEncoding()
            let (low, high) = (Double(side) / 4, Double(side) * 3 / 4)
            let frame = ImageFrame(height: side, width: side, imageSize: side)
            let prompts = [
                Prompt(box: Box(x: low, y: low, width: high - low, height: high - low)),
                Prompt(points: [Prompt.Point(x: low, y: high)]),
            ]
            return prompts.flatMap { prompt -> [[Float]] in
                let output = model.masks(
                    image: image, imagePosition: position,
                    prompts: PromptBatch([prompt], in: frame, lowResSize: model.configuration.lowResSize),
                    multimaskOutput: model.configuration.wantsSeveralMasks(for: prompt))
                return [output.lowResMasks.values, output.iouPredictions.values]
            }
        }
    }
}
