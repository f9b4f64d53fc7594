private import Checkpoints
internal import Runtime
private import SAM

/// Low-resolution logits and predicted IoUs as tensors, for programs and for `--mask` of a later prediction.
enum LogitsOutput {
    /// Writes `low_res_logits` [objects, masks, L, L] and `iou_predictions` [objects, masks]; with several images under the
    /// images' names.
    ///
    /// - Throws: `FileError.write`.
    static func write(_ predictions: [Prediction], side: Int, to path: String) throws(FileError) {
        var state = StateDict()
        state.metadata = ["samdata.content": "low-resolution logits of samdata predict"]
        for prediction in predictions {
            let prefix = predictions.count == 1 ? "" : prediction.name + "/"
            let masks = prediction.objects.map(\.masks)
            let shape = [masks.count, masks[0].count]
            state.append(
                prefix + RoughMask.logitsName,
                StateTensor(shape: shape + [side, side], values: masks.flatMap { $0.flatMap(\.lowResLogits) }))
            state.append(
                prefix + "iou_predictions",
                StateTensor(shape: shape, values: masks.flatMap { $0.map(\.iouPrediction) }))
        }
        try SafeTensors.write(state, to: path)
    }
}
