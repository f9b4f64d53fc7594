import Layers
import Tensors

extension Tensor {
    /// Random labels of masks, each pixel 0 or 1: [count, side, side].
    static func benchTargets(_ count: Int, side: Int) -> Tensor {
        let values = benchOperand([count, side, side]).values.map { value -> Float in value > 0 ? 1 : 0 }
        return Tensor(values, shape: [count, side, side])
    }

    /// Focal loss, 20 fold, and dice loss: the mean over all masks.
    static func benchLoss(_ masks: Tensor, targets: Tensor) -> Tensor {
        let losses = MaskLosses(logits: masks, targets: targets)
        return (losses.focal.scaled(by: 20) + losses.dice).mean()
    }
}
