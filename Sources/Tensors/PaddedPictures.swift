private import Kernels
private import Runtime

/// Pictures with one pixel of zeros all around as one long list of pixels, in which each tap of a 3 x 3 convolution of stride
/// 1 is a shift: the weight's gradient is one matrix product over all pixels for each of them.
struct PaddedPictures {
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

    func padded(_ picture: Tensor) -> Tensor {
        Tensor(shape: [batch * pixels, inputs]) { target in
            target.initialize(repeating: 0, count: batch * pixels * inputs)
            forEachLine { line, wide in
                (target + (wide + pitch + 1) * inputs)
                    .update(from: picture.base + line * width * inputs, count: width * inputs)
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
