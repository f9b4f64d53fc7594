internal import KernelABI
private import Kernels
private import Runtime
internal import Tensors

/// The operands of the mask losses; a mask's index is prompt * masks + mask.
struct MaskLossCall {
    /// The losses, in the order in which they lie in their tensor.
    enum Term: Int, CaseIterable {
        case focal, dice, crossEntropy, tversky, boundary
    }

    /// What one mask's losses are made of.
    struct Sums {
        fileprivate(set) var pixels = MaskLossSums()
        /// Σ w p, for the boundary loss.
        fileprivate(set) var weighted = 0.0

        var intersection: Double { pixels.intersection }
        var union: Double { pixels.union }
    }

    let logits: Tensor
    let targets: Tensor
    /// [P, ...] as the targets, or nil.
    let boundaryWeights: Tensor?
    let prompts: Int
    let masks: Int
    let pixels: Int
    let alpha: Float
    let gamma: FocalExponent
    let smoothing: Double
    let tverskyAlpha: Double
    let tverskyBeta: Double

    private func forEachMask(
        _ body: (_ mask: Int, MaskLossPass, _ boundaryWeights: UnsafePointer<Float>?) -> Void
    ) {
        logits.withUnsafeBuffer { logits in
            targets.withUnsafeBuffer { targets in
                guard let x = logits.baseAddress, let t = targets.baseAddress else { return }
                withBoundaryWeights { weights in
                    withoutActuallyEscaping(body) { body in
                        nonisolated(unsafe) let (body, x, t, weights) = (body, x, t, weights)
                        let (masks, pixels, alpha, gamma) = (masks, pixels, alpha, gamma)
                        Workers.forEachChunk(of: prompts * masks, grain: 1) { range, _ in
                            for mask in range {
                                let target = mask / masks * pixels
                                body(
                                    mask,
                                    MaskLossPass(
                                        logits: x + mask * pixels, targets: t + target, count: pixels, alpha: alpha,
                                        gamma: gamma), weights.map { $0 + target })
                            }
                        }
                    }
                }
            }
        }
    }

    private func withBoundaryWeights(_ body: (UnsafePointer<Float>?) -> Void) {
        guard let boundaryWeights else { return body(nil) }
        boundaryWeights.withUnsafeBuffer { body($0.baseAddress) }
    }

    func sums() -> [Sums] {
        let kernels = Kernels.table.losses
        var sums = [Sums](repeating: Sums(), count: prompts * masks)
        if MemorySimulation.current != nil { return sums }
        sums.withUnsafeMutableBufferPointer { sums in
            forEachMask { mask, pass, weights in
                sums[mask].pixels = kernels.maskSums(pass)
                if let weights {
                    sums[mask].weighted = kernels.weightedProbability(pass.logits, weights, pass.count)
                }
            }
        }
        return sums
    }

    /// [terms, P, M].
    func losses(_ sums: [Sums]) -> Tensor {
        let values = Term.allCases.flatMap { term in sums.map { Float(loss(term, $0)) } }
        return Tensor(values, shape: [Term.allCases.count, prompts, masks])
    }

    private func loss(_ term: Term, _ sums: Sums) -> Double {
        let part = sums.pixels
        switch term {
        case .focal: return part.focal / Double(pixels)
        case .dice: return 1 - (2 * part.product + smoothing) / (part.probability + part.target + smoothing)
        case .crossEntropy: return part.crossEntropy / Double(pixels)
        case .tversky: return 1 - (part.product + smoothing) / tverskyDenominator(part)
        case .boundary: return boundaryWeights == nil ? 0 : 0.5 + sums.weighted
        }
    }

    /// Σ p t + a Σ p (1 - t) + b Σ (1 - p) t + s.
    private func tverskyDenominator(_ sums: MaskLossSums) -> Double {
        sums.product + tverskyAlpha * (sums.probability - sums.product)
            + tverskyBeta * (sums.target - sums.product) + smoothing
    }

    /// - Parameter gradient: [terms, P, M].
    /// - Returns: the gradient of the logits.
    func gradient(_ gradient: Tensor, _ sums: [Sums]) -> Tensor {
        let kernels = Kernels.table.losses
        let count = prompts * masks
        let outer = gradient.values
        let slopes = sums.indices.map { mask in
            self.slopes(sums[mask].pixels) { outer[$0.rawValue * count + mask] }
        }
        return Tensor(shape: logits.shape) { target in
            forEachMask { mask, pass, weights in
                kernels.maskGradient(pass, slopes[mask], target + mask * pixels)
                let boundary = outer[Term.boundary.rawValue * count + mask]
                if let weights, boundary != 0 {
                    kernels.addWeightedProbabilityGradient(
                        pass.logits, weights, pass.count, boundary, target + mask * pixels)
                }
            }
        }
    }

    private func slopes(_ sums: MaskLossSums, outer: (Term) -> Float) -> MaskLossSlopes {
        let denominator = sums.probability + sums.target + smoothing
        let numerator = 2 * sums.product + smoothing
        let dice = Double(outer(.dice))
        // With N = Σ p t + s and D = N + a (Σ p - Σ p t) + b (Σ t - Σ p t), the loss is 1 - N / D.
        let tversky = Double(outer(.tversky))
        let whole = tverskyDenominator(sums)
        let part = sums.product + smoothing
        let productSlope = -(whole - part * (1 - tverskyAlpha - tverskyBeta)) / (whole * whole)
        return MaskLossSlopes(
            focal: outer(.focal) / Float(pixels), crossEntropy: outer(.crossEntropy) / Float(pixels),
            product: Float(-2 * dice / denominator + tversky * productSlope),
            probability: Float(
                dice * numerator / (denominator * denominator) + tversky * part * tverskyAlpha / (whole * whole)))
    }
}
