import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// Attention on operands in 16 bits, and convolutions that keep their pictures so.
@Suite struct RoundedOperandTests {
    /// Self-attention of some form, on operands of given shapes, of which the first is rounded.
    struct Form: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let shapes: [[Int]]
        let run: @Sendable ([Tensor]) -> Tensor
    }

    static let forms = [
        Form(testDescription: "a grid", shapes: [[1, 8 * 9, 3 * 48], [15, 16], [17, 16]]) {
            Tensor.selfAttention(
                qkv: $0[0], heads: 3,
                relativePosition: RelativePosition(height: $0[1], width: $0[2], grid: (8, 9)))
        },
        Form(testDescription: "windows", shapes: [[1, 7, 10, 3 * 32], [96], [7, 16], [7, 16]]) {
            $0[0].windowSelfAttention(
                heads: 2, bias: $0[1],
                relativePosition: RelativePosition(height: $0[2], width: $0[3], grid: (4, 4)))
        },
        Form(testDescription: "windows with offsets", shapes: [[2, 6, 9, 3 * 32], [96], [2, 9]]) {
            $0[0].windowSelfAttention(heads: 2, window: 3, padding: $0[1], offsets: $0[2])
        },
    ]

    static func inputs(_ form: Form) -> [Tensor] { MaskDecoderOperationTests.inputs(form.shapes) }

    /// What is kept in 16 bits is what was read: the bytes are those of operands that were rounded before, kept whole.
    @Test(arguments: forms, [ElementFormat.bfloat16, .float16])
    func attentionIsThatOfRoundedOperands(form: Form, format: ElementFormat) {
        let inputs = Self.inputs(form)
        let before = inputs.enumerated().map { index, tensor in
            index == 0 ? HalfTensor(tensor, format: format).tensor : tensor
        }
        let found = SavedActivations.with(format, roundingAttention: true) {
            MaskDecoderOperationTests.run(inputs, form.run)
        }
        let expected = SavedActivations.with(format) { MaskDecoderOperationTests.run(before, form.run) }
        #expect(found == expected)
        let exact = MaskDecoderOperationTests.run(inputs, form.run)
        #expect(found[0] != exact[0], "the operands must be rounded")
        for (rounded, exact) in zip(found, exact) {
            let scale = exact.reduce(Float(1e-3)) { max($0, abs($1)) }
            #expect(zip(rounded, exact).allSatisfy { abs($0 - $1) < (format == .bfloat16 ? 0.03 : 0.004) * scale })
        }
        #expect(SavedActivations.with(format) { MaskDecoderOperationTests.run(inputs, form.run)[0] } == exact[0])
    }

    /// Queries, keys and values of their own, as the decoder's attention has them, stay as they are.
    @Test func operandsOfTheirOwnStay() {
        let inputs = MaskDecoderOperationTests.inputs([[2, 70, 64], [2, 90, 64], [2, 90, 64]])
        func run() -> [[Float]] {
            MaskDecoderOperationTests.run(inputs) { Tensor.attention(query: $0[0], key: $0[1], value: $0[2], heads: 4) }
        }
        let rounded = SavedActivations.with(.bfloat16, roundingAttention: true) { run() }
        #expect(rounded == SavedActivations.with(.bfloat16) { run() } && rounded[0] == run()[0])
    }

    @Test(arguments: forms)
    func bytesDoNotDependOnWorkers(form: Form) {
        let results = atEveryWorkerCount {
            SavedActivations.with(.bfloat16, roundingAttention: true) {
                MaskDecoderOperationTests.run(Self.inputs(form), form.run)
            }
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    /// Computed again on the way back, blocks are the same to the bit.
    @Test func checkpointsRoundTheSame() {
        func gradients(_ isCheckpointing: Bool) -> [[Float]] {
            let x = MaskDecoderOperationTests.inputs([[1, 64, 96]])[0].asLeaf()
            let weight = Parameter(name: "w", value: MaskDecoderOperationTests.inputs([[288, 96]])[0])
            func block(_ x: Tensor) -> Tensor {
                Tensor.selfAttention(qkv: x.linear(weight: weight.tensor, bias: nil), heads: 2)
            }
            let output = SavedActivations.with(.bfloat16, roundingAttention: true) {
                isCheckpointing ? checkpointed(x, parameters: [weight], block) : block(x)
            }
            // In another place, where nothing is rounded.
            backward((output * output).sum())
            return [output.values, x.gradient?.values ?? [], weight.gradient?.values ?? []]
        }
        #expect(gradients(true) == gradients(false))
    }

    /// Queries, keys and values are three quarters of what such a layer keeps.
    @Test func attentionTakesHalfTheMemory() {
        func held(_ format: ElementFormat, rounding: Bool) -> Int {
            MemorySimulation.peakBytes {
                var x = Tensor(zeros: [1, 2048, 64]).asLeaf()
                let weight = Tensor(zeros: [192, 64]).asLeaf()
                SavedActivations.with(format, roundingAttention: rounding) {
                    for _ in 0..<20 { x = .selfAttention(qkv: x.linear(weight: weight, bias: nil), heads: 1) }
                }
                backward(x.sum())
            }
        }
        let whole = held(.float32, rounding: true)
        let unrounded = held(.bfloat16, rounding: false)
        let rounded = held(.bfloat16, rounding: true)
        #expect(Double(rounded) < 0.62 * Double(whole))
        #expect(Double(unrounded) > 0.8 * Double(whole))
    }

    /// The picture is kept for the gradient of the weight alone; all else stays as it is.
    @Test(arguments: [true, false], [1, 2])
    func convolutionsKeepRoundedPictures(isDepthwise: Bool, stride: Int) {
        let inputs = MaskDecoderOperationTests.inputs([
            [1, 20, 18, 24], isDepthwise ? [24, 1, 3, 3] : [16, 24, 3, 3],
        ])
        func run(_ picture: Tensor, _ format: ElementFormat) -> [[Float]] {
            let leaves = [picture.asLeaf(), inputs[1].asLeaf()]
            let output = SavedActivations.with(format) {
                // An activation, which is kept in the format.
                let x = leaves[0].scaled(by: 1)
                return isDepthwise
                    ? x.depthwiseConvolution3x3(weight: leaves[1], bias: nil, stride: stride)
                    : x.convolution3x3(weight: leaves[1], bias: nil, stride: stride)
            }
            backward([(output, Tensor(repeating: 0.5, shape: output.shape))])
            return [output.values] + leaves.map { $0.gradient?.values ?? [] }
        }
        let exact = run(inputs[0], .float32)
        let kept = run(inputs[0], .bfloat16)
        #expect(kept[0] == exact[0] && kept[1] == exact[1] && kept[2] != exact[2])
        #expect(kept[2] == run(HalfTensor(inputs[0], format: .bfloat16).tensor, .float32)[2])
    }
}
