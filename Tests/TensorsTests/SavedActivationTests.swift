import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// Activations kept in 16 bits: the same values forward, gradients that differ by the rounding alone, half the memory.
@Suite struct SavedActivationTests {
    /// Two layers with everything that keeps an activation, on 64 tokens of 64 channels.
    static func network(_ inputs: [Tensor]) -> Tensor {
        let x = inputs[0].linear(weight: inputs[1], bias: nil)
        let normed = x.layerNorm(weight: inputs[2], bias: inputs[3], epsilon: 1e-5)
        let mixed = Tensor.selfAttention(qkv: normed.linear(weight: inputs[4], bias: nil), heads: 4)
        let sum = x + mixed
        return (sum.linear(weight: inputs[5], bias: nil).gelu() * sum).sum()
    }

    static let shapes = [[1, 64, 64], [64, 64], [64], [64], [192, 64], [64, 64]]

    static func gradients(_ format: ElementFormat) -> (loss: Float, gradients: [[Float]]) {
        // Small enough that softmax is not a choice of one key, where rounding decides which.
        let leaves = MaskDecoderOperationTests.inputs(shapes).map { $0.scaled(by: 0.2).asLeaf() }
        let loss = SavedActivations.with(format) { network(leaves) }
        backward(loss)
        return (loss.scalar, leaves.map { $0.gradient?.values ?? [] })
    }

    @Test(arguments: [(ElementFormat.bfloat16, Float(0.02)), (.float16, 0.003)])
    func gradientsDifferByRounding(_ format: ElementFormat, _ tolerance: Float) {
        let exact = Self.gradients(.float32)
        let rounded = Self.gradients(format)
        #expect(exact.loss == rounded.loss, "the way forward knows nothing of it")
        var isDifferent = false
        for (found, expected) in zip(rounded.gradients, exact.gradients) {
            let scale = expected.reduce(Float(1e-3)) { max($0, abs($1)) }
            let error = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) } / scale
            #expect(found.count == expected.count && error < tolerance, "\(error)")
            isDifferent = isDifferent || error > 0
        }
        #expect(isDifferent, "what is kept must be rounded")
    }

    /// A checkpoint that starts from an activation changes nothing, wherever the way back begins.
    @Test func checkpointsKeepTheSame() {
        func gradients(_ isCheckpointing: Bool) -> [[Float]] {
            let leaves = MaskDecoderOperationTests.inputs(Self.shapes).map { $0.scaled(by: 0.2).asLeaf() }
            let parameters = leaves.dropFirst().enumerated().map { Parameter(name: "\($0)", value: $1) }
            func block(_ x: Tensor) -> Tensor { Self.network([x] + parameters.map(\.tensor)) }
            let loss = SavedActivations.with(.bfloat16) {
                let x = leaves[0].scaled(by: 2)
                return isCheckpointing ? checkpointed(x, parameters: parameters, block) : block(x)
            }
            backward(loss)
            return [leaves[0].gradient?.values ?? []] + parameters.map { $0.gradient?.values ?? [] }
        }
        let plain = gradients(false)
        #expect(plain.allSatisfy { !$0.isEmpty })
        #expect(gradients(true) == plain)
    }

    /// Half precision has no room above 65 504: what is kept stays a number.
    @Test func largeActivationsSaturate() {
        let x = Tensor([-1e6, 7e4, 65504, 1], shape: [4])
        #expect(HalfTensor(x, format: .float16, saturates: true).tensor.values == [-65504, 65504, 65504, 1])
        #expect(HalfTensor(x, format: .float16).tensor.values == [-.infinity, .infinity, 65504, 1])
    }

    @Test func bytesDoNotDependOnWorkers() {
        let results = atEveryWorkerCount { Self.gradients(.bfloat16).gradients }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test func activationsTakeHalfTheMemory() {
        func held(_ format: ElementFormat) -> Int {
            MemorySimulation.peakBytes {
                var x = Tensor(zeros: [1, 4096, 256]).asLeaf()
                let weight = Tensor(zeros: [256, 256]).asLeaf()
                SavedActivations.with(format) {
                    for _ in 0..<20 { x = x.linear(weight: weight, bias: nil).gelu() }
                }
                backward(x.sum())
            }
        }
        let whole = held(.float32)
        #expect(Double(held(.bfloat16)) < 0.65 * Double(whole))
        #expect(whole > 40 * 4096 * 256 * 4)
    }

    /// A parameter in 16 bits is read as its rounded values, and is not trained.
    @Test func narrowParametersAreRounded() {
        let parameter = Parameter(name: "weight", value: Tensor([1, 1.001, -3.14159], shape: [3]))
        parameter.narrow(to: .bfloat16)
        #expect(parameter.value.values == [1, 1, -3.140625])
        #expect(!parameter.isTrainable && parameter.tensor.node == nil && parameter.shape == [3])
        parameter.value = Tensor([2, 3, 4], shape: [3])
        #expect(parameter.tensor.values == [2, 3, 4])
    }
}

/// A run on shapes alone, against the same run on numbers.
@Suite struct MemorySimulationTests {
    @Test func nothingIsComputedAndEverythingIsCounted() {
        let bytes = MemorySimulation.peakBytes {
            let x = Tensor(repeating: 3, shape: [1 << 20])
            #expect((x + x).values.allSatisfy { $0 == 0 }, "no element exists")
            #expect(x.total == 0)
        }
        #expect(bytes == 2 * 4 << 20)
    }

    /// What counts is what is there at once, whatever is free of rounds before.
    @Test func whatIsAskedForAtOnceCounts() {
        let bytes = MemorySimulation.peakBytes {
            for megabytes in [64, 40, 70, 17] {
                let blocks = (0..<4).map { _ in Tensor(zeros: [megabytes << 18]) }
                #expect(blocks.count == 4)
            }
        }
        #expect(bytes == 4 * 70 << 20)
    }

    @Test func aGradientRunIsCounted() {
        // More than the machine has: nothing of it exists.
        let bytes = MemorySimulation.peakBytes {
            let weight = Tensor(zeros: [1 << 16, 1 << 16]).asLeaf()
            let x = Tensor(zeros: [4, 1 << 16])
            backward(x.linear(weight: weight, bias: nil).relu().sum())
            #expect(weight.gradient?.count == 1 << 32)
        }
        #expect(bytes >= 2 << 34 && bytes < 2 << 34 + 1 << 24)
    }
}
