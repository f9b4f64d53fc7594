import KernelABI
import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// The 3 x 3 convolutions against a slow reference, at every level of the kernels; bytes at any number of workers.
@Suite struct ConvolutionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let reference: ConvolutionReference

        init(_ batch: Int, _ height: Int, _ width: Int, _ inputs: Int, to outputs: Int? = nil, stride: Int) {
            reference = ConvolutionReference(
                batch: batch, height: height, width: width, inputs: inputs, outputs: outputs ?? inputs, stride: stride,
                isDepthwise: outputs == nil)
        }

        var testDescription: String {
            "\(reference.isDepthwise ? "depthwise " : "")\(reference.input) to \(reference.output)"
        }

        func callAsFunction(_ inputs: [Tensor], _ activation: Activation = .identity) -> Tensor {
            reference.isDepthwise
                ? inputs[0].depthwiseConvolution3x3(
                    weight: inputs[1], bias: inputs[2], stride: reference.stride, activation: activation)
                : inputs[0].convolution3x3(
                    weight: inputs[1], bias: inputs[2], stride: reference.stride, activation: activation)
        }

        /// Input, weight, bias, and a gradient of the output.
        var drawn: (inputs: [Tensor], gradient: Tensor) {
            var random = CounterRandom(seed: 31, purpose: RandomPurpose("convolutions"))
            let shapes = [reference.input, reference.weight, [reference.outputs]]
            return (
                shapes.map { Tensor.random($0, -1..<1, &random) }, Tensor.random(reference.output, -1..<1, &random)
            )
        }

        /// The result, and all gradients, each of which has to add to one of a half that is there.
        func run() -> [[Float]] {
            let (inputs, gradient) = drawn
            let leaves = inputs.map { $0.asLeaf() }
            let output = self(leaves)
            backward(
                leaves.map { ($0.scaled(by: 0.5), Tensor(repeating: 1, shape: $0.shape)) } + [(output, gradient)])
            return [output.values] + leaves.map { $0.gradient?.values ?? [] }
        }
    }

    /// Pictures of one pixel, lines at and around whole tiles and strips, channels below, at and above whole registers,
    /// more lines and panels than one task has.
    static let cases = [
        Case(1, 1, 1, 3, stride: 1), Case(1, 1, 1, 17, stride: 2), Case(2, 3, 5, 4, stride: 1),
        Case(1, 2, 2, 16, stride: 2), Case(1, 5, 6, 20, stride: 2), Case(1, 7, 11, 33, stride: 1),
        Case(2, 19, 12, 48, stride: 1), Case(1, 37, 13, 64, stride: 2), Case(1, 3, 140, 160, stride: 1),
        Case(1, 4, 141, 160, stride: 2),
        Case(1, 1, 1, 2, to: 3, stride: 1), Case(1, 1, 1, 2, to: 3, stride: 2), Case(2, 3, 4, 2, to: 3, stride: 1),
        Case(2, 5, 6, 3, to: 8, stride: 2), Case(1, 4, 5, 3, to: 33, stride: 2), Case(1, 9, 17, 24, to: 40, stride: 1),
        Case(1, 21, 18, 32, to: 64, stride: 2), Case(1, 6, 7, 300, to: 20, stride: 1),
        Case(1, 6, 7, 140, to: 70, stride: 2), Case(1, 3, 600, 3, to: 32, stride: 2),
    ]

    @Test(arguments: cases) func agreesWithTheReference(_ each: Case) {
        let (inputs, gradient) = each.drawn
        let reference = each.reference.run(inputs[0], inputs[1], inputs[2], gradient: gradient)
        for table in Kernels.available {
            let found = Kernels.with(table) { each.run() }
            for (index, (found, expected)) in zip(found, reference).enumerated() {
                let shift = index == 0 ? 0 : 0.5
                let scale = expected.reduce(1e-3) { max($0, abs($1)) }
                let error = zip(found, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1 - shift)) } / scale
                #expect(
                    found.count == expected.count && error < 3e-6, "\(table.level): part \(index) is off by \(error)")
            }
        }
    }

    @Test(arguments: cases) func bytesDoNotDependOnWorkers(_ each: Case) {
        let results = atEveryWorkerCount { each.run() }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test func gradientsAreDerivatives() {
        for each in Self.cases where each.reference.input.reduce(1, *) < 800 {
            FiniteDifferences.check([each.reference.input, each.reference.weight, [each.reference.outputs]]) {
                each($0)
            }
        }
    }

    /// Where no gradient is wanted the activation is part of the kernel; where one is, it is not.
    @Test(arguments: cases) func activationsAreTheSameAlone(_ each: Case) {
        let inputs = each.drawn.inputs
        for table in Kernels.available {
            Kernels.with(table) {
                #expect(each(inputs, .gelu).values == each(inputs).gelu().values)
                #expect(each(inputs, .relu).values == each(inputs).relu().values)
                #expect(each(inputs.map { $0.asLeaf() }, .gelu).values == each(inputs).gelu().values)
            }
        }
    }

    /// At stride 1 a result is the sum of nine matrix products, up to the rounding of sums that these cut elsewhere.
    @Test func strideOneIsNineProducts() {
        let (height, width, inputs, outputs) = (9, 13, 300, 40)
        let (pitch, rows) = (width + 2, height * (width + 2) - 2)
        let x = Tensor.random([1, height, width, inputs], seed: 1)
        let weight = Tensor.random([outputs, inputs, 3, 3], seed: 2)
        let side = Tensor(zeros: [height, 1, inputs])
        let lines = Tensor.concatenated([side, x.reshaped([height, width, inputs]), side], axis: 1)
        let border = Tensor(zeros: [1, pitch, inputs])
        let padded = Tensor.concatenated([border, lines, border], axis: 0)
        let taps = weight.reshaped([outputs, inputs, 9]).permuted([2, 0, 1])
        for table in Kernels.available {
            Kernels.with(table) {
                let wide = Tensor(shape: [rows, outputs]) { target in
                    for tap in 0..<9 {
                        padded.withUnsafeBuffer { pixels in
                            taps.withUnsafeBuffer { taps in
                                let source = pixels.baseAddress.unsafelyUnwrapped
                                let factors = taps.baseAddress.unsafelyUnwrapped
                                GEMM.multiply(
                                    m: rows, n: outputs, k: inputs,
                                    a: MatrixView(source + (tap / 3 * pitch + tap % 3) * inputs, rowStride: inputs),
                                    b: MatrixView(factors + tap * inputs * outputs, rowStride: inputs).transposed,
                                    beta: tap == 0 ? 0 : 1, c: target, ldc: outputs)
                            }
                        }
                    }
                }
                let junk = Tensor(zeros: [2, outputs])
                let expected = Tensor.concatenated([wide, junk], axis: 0).reshaped([height, pitch, outputs])
                    .sliced(axis: 1, range: 0..<width)
                let found = x.convolution3x3(weight: weight, bias: nil)
                let scale = expected.values.reduce(Float(0)) { max($0, abs($1)) }
                let error = zip(found.values, expected.values).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
                #expect(error < 1e-6 * scale, "\(table.level): \(error)")
            }
        }
    }
}
