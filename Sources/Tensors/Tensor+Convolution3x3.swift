private import Kernels
private import Runtime

extension Tensor {
    /// A convolution of size 3, stride 1, with one pixel of zero padding: `[B, H, W, in]` -> `[B, H, W, out]`.
    ///
    /// The input is padded once; each of the nine taps is then one matrix product over all pixels of the padded picture,
    /// shifted, whose two junk columns a line are dropped at the end. Nothing nine times the picture's size exists.
    ///
    /// - Parameters:
    ///   - weight: [out, in, 3, 3], PyTorch's Conv2d layout.
    ///   - bias: [out], or nil.
    package func convolution3x3(weight: Tensor, bias: Tensor?) -> Tensor {
        precondition(
            rank == 4 && weight.rank == 4 && weight.shape[1] == shape[3] && weight.shape[2...] == [3, 3],
            "3 x 3 convolution of \(shape) with a weight of \(weight.shape)")
        let sizes = PaddedPictures(
            batch: shape[0], height: shape[1], width: shape[2], inputs: shape[3], outputs: weight.shape[0])
        let padded = sizes.padded(self)
        let taps = sizes.tapsFirst(weight)
        let wide = Tensor(shape: [sizes.rows, sizes.outputs]) { output in
            for tap in 0..<9 {
                GEMM.multiply(
                    m: sizes.rows, n: sizes.outputs, k: sizes.inputs,
                    a: MatrixView(padded.base + sizes.shift(tap) * sizes.inputs, rowStride: sizes.inputs),
                    b: MatrixView(taps.base + tap * sizes.inputs * sizes.outputs, rowStride: sizes.inputs).transposed,
                    beta: tap == 0 ? 0 : 1, c: output, ldc: sizes.outputs)
            }
        }
        let result = sizes.cropped(wide).recorded(from: [self, weight]) {
            [
                node, weightNode = weight.node, keptTaps = node == nil ? nil : taps,
                keptInput = weight.node == nil ? nil : detached
            ] gradient in
            let wideGradient = sizes.uncropped(gradient)
            if let node, let keptTaps { node.accumulate(sizes.inputGradient(wideGradient, taps: keptTaps)) }
            if let weightNode, let keptInput {
                weightNode.accumulate(sizes.weightGradient(wideGradient, padded: sizes.padded(keptInput)))
            }
        }
        return bias.map { result + $0 } ?? result
    }
}

/// The sizes of a 3 x 3 convolution on pictures with one pixel of padding all around, kept as one long list of pixels.
private struct PaddedPictures {
    let batch: Int
    let height: Int
    let width: Int
    let inputs: Int
    let outputs: Int

    /// Pixels from one line to the next.
    private var pitch: Int { width + 2 }
    /// Pixels of a padded picture.
    private var pixels: Int { (height + 2) * pitch }
    /// Output pixels computed, junk included: the last tap of the last one is the last padded pixel.
    var rows: Int { batch * pixels - 2 * pitch - 2 }

    /// How far the tap's pixel lies behind the output's pixel, in padded pixels.
    func shift(_ tap: Int) -> Int { tap / 3 * pitch + tap % 3 }

    /// [out, in, 3, 3] -> [3 * 3, out, in]
    func tapsFirst(_ weight: Tensor) -> Tensor {
        weight.detached.reshaped([outputs, inputs, 9]).permuted([2, 0, 1])
    }

    func padded(_ picture: Tensor) -> Tensor {
        Tensor(shape: [batch * pixels, inputs]) { target in
            target.initialize(repeating: 0, count: batch * pixels * inputs)
            forEachLine { line, wide in
                (target + (wide + pitch + 1) * inputs)
                    .update(from: picture.base + line * width * inputs, count: width * inputs)
            }
        }
    }

    func cropped(_ wide: Tensor) -> Tensor {
        Tensor(shape: [batch, height, width, outputs]) { target in
            forEachLine { line, start in
                (target + line * width * outputs)
                    .initialize(from: wide.base + start * outputs, count: width * outputs)
            }
        }
    }

    /// The output's gradient with zeros where the junk was.
    func uncropped(_ gradient: Tensor) -> Tensor {
        Tensor(shape: [rows, outputs]) { target in
            target.initialize(repeating: 0, count: rows * outputs)
            forEachLine { line, start in
                (target + start * outputs)
                    .update(from: gradient.base + line * width * outputs, count: width * outputs)
            }
        }
    }

    /// Calls `body` for each line of each picture: its number, and the padded pixel that its first output stands at.
    private func forEachLine(_ body: (_ line: Int, _ wide: Int) -> Void) {
        ElementLoop.forEachRows(batch * height, columns: width * max(inputs, outputs)) { lines in
            for line in lines { body(line, line / height * pixels + line % height * pitch) }
        }
    }

    func inputGradient(_ gradient: Tensor, taps: Tensor) -> Tensor {
        let wide = Tensor(shape: [batch * pixels, inputs]) { target in
            target.initialize(repeating: 0, count: batch * pixels * inputs)
            for tap in 0..<9 {
                GEMM.multiply(
                    m: rows, n: inputs, k: outputs, a: MatrixView(gradient.base, rowStride: outputs),
                    b: MatrixView(taps.base + tap * inputs * outputs, rowStride: inputs), beta: 1,
                    c: target + shift(tap) * inputs, ldc: inputs)
            }
        }
        return Tensor(shape: [batch, height, width, inputs]) { target in
            forEachLine { line, start in
                (target + line * width * inputs)
                    .initialize(from: wide.base + (start + pitch + 1) * inputs, count: width * inputs)
            }
        }
    }

    func weightGradient(_ gradient: Tensor, padded: Tensor) -> Tensor {
        let taps = Tensor(shape: [9, outputs, inputs]) { target in
            for tap in 0..<9 {
                GEMM.multiply(
                    m: outputs, n: inputs, k: rows, a: MatrixView(gradient.base, rowStride: outputs).transposed,
                    b: MatrixView(padded.base + shift(tap) * inputs, rowStride: inputs),
                    c: target + tap * inputs * outputs, ldc: inputs)
            }
        }
        return taps.permuted([1, 2, 0]).reshaped([outputs, inputs, 3, 3])
    }
}
