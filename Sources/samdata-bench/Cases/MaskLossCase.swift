import JSONText
import Layers
import Tensors

/// Focal and dice loss of low-resolution masks, both ways.
struct MaskLossCase: BenchCase {
    static let group = "losses"
    static let all = [MaskLossCase(prompts: 10, masks: 3, pixels: 256 * 256)]

    /// Objects.
    let prompts: Int
    /// Masks of each object.
    let masks: Int
    /// Pixels of each mask.
    let pixels: Int

    var title: String { "focal-dice" }
    var detail: String {
        "focal and dice loss of \(prompts) x \(masks) masks of \(pixels) pixels, forward and backward"
    }
    var peerRequest: JSONValue { .request("losses", ["prompts": prompts, "masks": masks, "pixels": pixels]) }

    func prepare() -> () throws -> Void {
        let logits = Tensor.benchOperand([prompts, masks, pixels]).asLeaf()
        let targets = Tensor.benchOperand([prompts, pixels]).relu()
        return {
            let losses = MaskLosses(logits: logits, targets: targets)
            backward((losses.focal.scaled(by: 20) + losses.dice).sum())
        }
    }
}
