private import KernelABI
private import Kernels
private import Runtime
package import Tensors

/// The losses of predicted masks against their labels, one value a mask, all from one pass over the pixels.
///
/// With logits x, p = sigmoid(x), targets t:
/// - focal: mean over pixels of `αₜ (1 - pₜ)^γ ce`, with `pₜ = p t + (1 - p)(1 - t)`, `αₜ = α t + (1 - α)(1 - t)`.
///   Source: Lin et al., "Focal loss for dense object detection", ICCV 2017.
/// - dice: `1 - (2 Σ p t + s) / (Σ p + Σ t + s)`.
/// - crossEntropy: mean over pixels of `max(x, 0) - x t + log(1 + exp(-|x|))`.
///
/// These are the forms of SAM 2's training code; every one is stable for any finite logit.
package struct MaskLosses {
    /// [P, M]
    package let focal: Tensor
    /// [P, M]
    package let dice: Tensor
    /// [P, M]
    package let crossEntropy: Tensor
    /// [P, M]: intersection over union of the thresholded prediction (x > 0) and label (t > 0.5), without gradient; 1 where both are
    /// empty.
    package let intersectionOverUnion: Tensor

    /// - Parameters:
    ///   - logits: [P, M, ...], M masks for each of P prompts.
    ///   - targets: [P, ...] with the same pixels, in 0...1.
    ///   - alpha: weight of the foreground in the focal loss.
    ///   - gamma: exponent of the focal loss.
    ///   - smoothing: s of the dice loss.
    package init(logits: Tensor, targets: Tensor, alpha: Float = 0.25, gamma: Int = 2, smoothing: Float = 1) {
        let pixels = logits.shape.dropFirst(2).reduce(1, *)
        precondition(
            logits.rank >= 2 && targets.rank >= 1 && logits.shape[0] == targets.shape[0]
                && targets.count == targets.shape[0] * pixels && pixels > 0 && gamma >= 0,
            "mask losses of logits \(logits.shape) against targets \(targets.shape) with gamma \(gamma)")
        let call = MaskLossCall(
            logits: logits.detached, targets: targets.detached, prompts: logits.shape[0], masks: logits.shape[1],
            pixels: pixels, alpha: alpha, gamma: gamma, smoothing: smoothing)
        let sums = call.sums()
        let losses = logits.operation(call.losses(sums)) { gradient in call.gradient(gradient, sums) }
        func part(_ index: Int) -> Tensor {
            losses.sliced(axis: 0, range: index..<index + 1).reshaped([call.prompts, call.masks])
        }
        focal = part(0)
        dice = part(1)
        crossEntropy = part(2)
        intersectionOverUnion = Tensor(
            sums.map { $0.union == 0 ? 1 : Float($0.intersection / $0.union) }, shape: [call.prompts, call.masks])
    }
}

/// The operands of the losses; a mask's index is prompt * masks + mask.
private struct MaskLossCall {
    let logits: Tensor
    let targets: Tensor
    let prompts: Int
    let masks: Int
    let pixels: Int
    let alpha: Float
    let gamma: Int
    let smoothing: Float

    private func forEachMask(_ body: (_ mask: Int, MaskLossPass) -> Void) {
        logits.withUnsafeBuffer { logits in
            targets.withUnsafeBuffer { targets in
                guard let x = logits.baseAddress, let t = targets.baseAddress else { return }
                withoutActuallyEscaping(body) { body in
                    nonisolated(unsafe) let (body, x, t) = (body, x, t)
                    let (masks, pixels, alpha, gamma) = (masks, pixels, alpha, gamma)
                    Workers.forEachChunk(of: prompts * masks, grain: 1) { range, _ in
                        for mask in range {
                            body(
                                mask,
                                MaskLossPass(
                                    logits: x + mask * pixels, targets: t + mask / masks * pixels, count: pixels,
                                    alpha: alpha, gamma: gamma))
                        }
                    }
                }
            }
        }
    }

    func sums() -> [MaskLossSums] {
        let kernel = Kernels.table.losses.maskSums
        var sums = [MaskLossSums](repeating: MaskLossSums(), count: prompts * masks)
        sums.withUnsafeMutableBufferPointer { sums in
            forEachMask { mask, pass in sums[mask] = kernel(pass) }
        }
        return sums
    }

    /// [3, P, M]: focal, dice, cross-entropy.
    func losses(_ sums: [MaskLossSums]) -> Tensor {
        let smoothing = Double(smoothing)
        let focal = sums.map { Float($0.focal / Double(pixels)) }
        let dice = sums.map { Float(1 - (2 * $0.product + smoothing) / ($0.probability + $0.target + smoothing)) }
        let crossEntropy = sums.map { Float($0.crossEntropy / Double(pixels)) }
        return Tensor(focal + dice + crossEntropy, shape: [3, prompts, masks])
    }

    func gradient(_ gradient: Tensor, _ sums: [MaskLossSums]) -> Tensor {
        let kernel = Kernels.table.losses.maskGradient
        let count = prompts * masks
        let outer = gradient.values
        let slopes = sums.indices.map { mask in
            let denominator = sums[mask].probability + sums[mask].target + Double(smoothing)
            let numerator = 2 * sums[mask].product + Double(smoothing)
            let dice = Double(outer[count + mask])
            return MaskLossSlopes(
                focal: outer[mask] / Float(pixels), crossEntropy: outer[2 * count + mask] / Float(pixels),
                product: Float(-2 * dice / denominator),
                probability: Float(dice * numerator / (denominator * denominator)))
        }
        return Tensor(shape: logits.shape) { target in
            forEachMask { mask, pass in kernel(pass, slopes[mask], target + mask * pixels) }
        }
    }
}
