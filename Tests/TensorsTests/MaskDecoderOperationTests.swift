import KernelABI
import Kernels
import Runtime
import Tensors
import TestSupport
import Testing

/// The fused operations of the mask decoder against the same formulas in plain operations: values and all gradients, at
/// every level of the kernels; bytes at any number of workers.
@Suite struct MaskDecoderOperationTests {
    /// An operation in both forms, and the shapes of its inputs.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let shapes: [[Int]]
        let fused: @Sendable ([Tensor]) -> Tensor
        let plain: @Sendable ([Tensor]) -> Tensor

        var testDescription: String { name }
    }

    /// A position that is the same in both forms.
    static func position(_ cells: Int, _ channels: Int) -> Tensor {
        var random = CounterRandom(seed: 5, purpose: RandomPurpose("position"))
        return Tensor.random([cells, channels], -1..<1, &random)
    }

    /// `A = scale x[h] W[h]`, head by head.
    static func folded(_ x: Tensor, _ weight: Tensor, _ heads: Int, _ scale: Float) -> Tensor {
        let size = x.shape[2] / heads
        let parts = (0..<heads).map { head in
            let range = head * size..<(head + 1) * size
            return x.sliced(axis: 2, range: range).matmul(weight.sliced(axis: 0, range: range)).scaled(by: scale)
        }
        return Tensor.concatenated(parts, axis: 1)
    }

    static func foldCase(prompts: Int, tokens: Int, heads: Int, size: Int, channels: Int) -> Case {
        Case(
            name: "fold \(prompts) x \(tokens), \(heads) heads of \(size) to \(channels)",
            shapes: [[prompts, tokens, heads * size], [heads * size, channels], [channels, heads * size]]
        ) { inputs in
            let direct = inputs[0].foldedIntoHeads(inputs[1], heads: heads, scale: 0.3)
            return direct + inputs[0].foldedIntoHeads(inputs[2], heads: heads, scale: 0.7, isTransposed: true)
        } plain: { inputs in
            folded(inputs[0], inputs[1], heads, 0.3) + folded(inputs[0], inputs[2].permuted([1, 0]), heads, 0.7)
        }
    }

    static func unfoldCase(prompts: Int, tokens: Int, heads: Int, size: Int, channels: Int) -> Case {
        Case(
            name: "unfold \(prompts) x \(tokens), \(heads) heads of \(size) from \(channels)",
            shapes: [[prompts, heads * tokens, channels], [heads * size, channels]]
        ) { inputs in
            inputs[0].unfoldedFromHeads(inputs[1], heads: heads)
        } plain: { inputs in
            let parts = (0..<heads).map { head in
                inputs[0].sliced(axis: 1, range: head * tokens..<(head + 1) * tokens)
                    .matmul(inputs[1].sliced(axis: 0, range: head * size..<(head + 1) * size), transposeB: true)
            }
            return Tensor.concatenated(parts, axis: 2)
        }
    }

    static func tokenToImageCase(prompts: Int, rows: Int, cells: Int, channels: Int) -> Case {
        Case(
            name: "token to image, \(prompts) x \(rows) rows, \(cells) cells of \(channels)",
            shapes: [[prompts, rows, channels], [prompts, cells, channels]]
        ) { inputs in
            inputs[0].attendingToImage(inputs[1], position: position(cells, channels))
        } plain: { inputs in
            inputs[0].matmul(inputs[1] + position(cells, channels), transposeB: true).softmax().matmul(inputs[1])
        }
    }

    static func imageToTokenCase(
        prompts: Int, isShared: Bool, heads: Int, tokens: Int, cells: Int, channels: Int
    ) -> Case {
        let rows = heads * tokens
        return Case(
            name: "image to token, \(prompts) prompts\(isShared ? " of one picture" : ""), \(heads) x \(tokens) rows, "
                + "\(cells) cells of \(channels)",
            shapes: [
                [isShared ? 1 : prompts, cells, channels], [prompts, rows, channels], [prompts, rows],
                [prompts, rows, channels], [channels], [channels], [channels],
            ]
        ) { inputs in
            inputs[0].updatedByTokens(
                FoldedTokens(
                    keys: inputs[1], keyBias: inputs[2], values: inputs[3], bias: inputs[4], normWeight: inputs[5],
                    normBias: inputs[6], epsilon: 1e-5), heads: heads, position: position(cells, channels))
        } plain: { inputs in
            let answers = (0..<prompts).map { prompt in
                let own = prompt..<prompt + 1
                let picture = isShared ? inputs[0] : inputs[0].sliced(axis: 0, range: own)
                let scores =
                    (picture + position(cells, channels))
                    .matmul(inputs[1].sliced(axis: 0, range: own), transposeB: true)
                    + inputs[2].sliced(axis: 0, range: own).reshaped([rows])
                let weights = scores.reshaped([1, cells, heads, tokens]).softmax().reshaped([1, cells, rows])
                return picture + weights.matmul(inputs[3].sliced(axis: 0, range: own)) + inputs[4]
            }
            return Tensor.concatenated(answers, axis: 0)
                .layerNorm(weight: inputs[5], bias: inputs[6], epsilon: 1e-5)
        }
    }

    /// What a head sees of the picture: its own channels of what is shared, then the prompt's.
    static func seen(_ shared: Tensor, _ own: Tensor?, head: Int, of heads: Int, prompt: Int) -> Tensor {
        let size = shared.shape[1] / heads
        let part = shared.sliced(axis: 1, range: head * size..<(head + 1) * size)
        guard let own else { return part }
        let channels = own.sliced(axis: 0, range: prompt..<prompt + 1).reshaped(Array(own.shape.dropFirst()))
        return Tensor.concatenated([part, channels], axis: 1)
    }

    /// A head's rows of one prompt.
    static func rows(_ all: Tensor, head: Int, of heads: Int, prompt: Int) -> Tensor {
        let tokens = all.shape[1] / heads
        return all.sliced(axis: 0, range: prompt..<prompt + 1).reshaped(Array(all.shape.dropFirst()))
            .sliced(axis: 0, range: head * tokens..<(head + 1) * tokens)
    }

    static func tokenToSharedImageCase(
        prompts: Int, heads: Int, tokens: Int, cells: Int, size: Int, own: Int
    ) -> Case {
        let inner = heads * size
        return Case(
            name: "token to shared image, \(prompts) prompts, \(heads) x \(tokens) rows, \(cells) cells of "
                + "\(heads) x \(size) and \(own)",
            shapes: [[prompts, heads * tokens, size + own], [cells, inner], [cells, inner]]
                + (own > 0 ? [[prompts, cells, own]] : [])
        ) { inputs in
            inputs[0].attendingToSharedImage(
                SharedHeads(keys: inputs[1], values: inputs[2], own: own > 0 ? inputs[3] : nil), heads: heads)
        } plain: { inputs in
            let own = own > 0 ? inputs[3] : nil
            let answers = (0..<prompts).map { prompt in
                let parts = (0..<heads).map { head in
                    rows(inputs[0], head: head, of: heads, prompt: prompt)
                        .matmul(seen(inputs[1], own, head: head, of: heads, prompt: prompt), transposeB: true)
                        .softmax().matmul(seen(inputs[2], own, head: head, of: heads, prompt: prompt))
                }
                return Tensor.concatenated(parts, axis: 0).reshaped([1] + inputs[0].shape.dropFirst())
            }
            return Tensor.concatenated(answers, axis: 0)
        }
    }

    static func sharedImageToTokenCase(
        prompts: Int, heads: Int, tokens: Int, cells: Int, channels: Int, size: Int, own: Int
    ) -> Case {
        let rowCount = heads * tokens
        return Case(
            name:
                "shared image to token, \(prompts) prompts, \(heads) x \(tokens) rows, \(cells) cells of \(channels), "
                + "\(heads) x \(size) and \(own)",
            shapes: [
                [cells, channels], [prompts, rowCount, size + own], [prompts, rowCount, channels], [channels],
                [channels], [channels], [cells, heads * size],
            ] + (own > 0 ? [[prompts, cells, own], [own, channels]] : [])
        ) { inputs in
            inputs[0].updatedByTokens(
                FoldedTokens(
                    keys: inputs[1], values: inputs[2], bias: inputs[3], normWeight: inputs[4], normBias: inputs[5],
                    epsilon: 1e-5), heads: heads,
                cells: SharedCells(queries: inputs[6], own: own > 0 ? (inputs[7], inputs[8]) : nil))
        } plain: { inputs in
            let own = own > 0 ? inputs[7] : nil
            let answers = (0..<prompts).map { prompt in
                let weights = (0..<heads).map { head in
                    seen(inputs[6], own, head: head, of: heads, prompt: prompt)
                        .matmul(rows(inputs[1], head: head, of: heads, prompt: prompt), transposeB: true).softmax()
                }
                let answer = Tensor.concatenated(weights, axis: 1)
                    .matmul(rows(inputs[2], head: 0, of: 1, prompt: prompt))
                let mask = own.map {
                    rows($0, head: 0, of: 1, prompt: prompt).matmul(inputs[8])
                }
                return ((mask.map { inputs[0] + $0 } ?? inputs[0]) + answer + inputs[3])
                    .reshaped([1, cells, channels])
            }
            return Tensor.concatenated(answers, axis: 0)
                .layerNorm(weight: inputs[4], bias: inputs[5], epsilon: 1e-5)
        }
    }

    static func upscalingCase(prompts: Int, masks: Int, grid: Int, channels: Int, first: Int, second: Int) -> Case {
        Case(
            name:
                "upscaling, \(prompts) prompts, \(masks) masks, side \(grid), channels \(channels), \(first), \(second)",
            shapes: [
                [prompts, grid * grid, channels], [prompts, masks, second], [channels, first, 2, 2], [first], [first],
                [first], [first, second, 2, 2], [second],
            ]
        ) { inputs in
            inputs[0].upscaledToMasks(
                UpscalingWeights(
                    firstWeight: inputs[2], firstBias: inputs[3], normWeight: inputs[4], normBias: inputs[5],
                    epsilon: 1e-6, secondWeight: inputs[6], secondBias: inputs[7]), filters: inputs[1], grid: grid)
        } plain: { inputs in
            let side = 4 * grid
            let pixels = inputs[0].reshaped([prompts, grid, grid, channels])
                .transposedConvolution2x2(weight: inputs[2], bias: inputs[3])
                .layerNorm(weight: inputs[4], bias: inputs[5], epsilon: 1e-6).gelu()
                .transposedConvolution2x2(weight: inputs[6], bias: inputs[7]).gelu()
            return inputs[1].matmul(pixels.reshaped([prompts, side * side, second]), transposeB: true)
                .reshaped([prompts, masks, side, side])
        }
    }

    /// Sizes below, at and above those of tiles and tasks, whole registers and parts of them.
    static let cases = [
        foldCase(prompts: 2, tokens: 7, heads: 4, size: 8, channels: 33),
        unfoldCase(prompts: 3, tokens: 5, heads: 2, size: 16, channels: 48),
        tokenToImageCase(prompts: 1, rows: 3, cells: 9, channels: 8),
        tokenToImageCase(prompts: 2, rows: 21, cells: 130, channels: 20),
        tokenToImageCase(prompts: 1, rows: 150, cells: 140, channels: 16),
        tokenToImageCase(prompts: 2, rows: 28, cells: 1100, channels: 32),
        imageToTokenCase(prompts: 1, isShared: false, heads: 1, tokens: 1, cells: 9, channels: 8),
        imageToTokenCase(prompts: 2, isShared: false, heads: 4, tokens: 7, cells: 150, channels: 24),
        imageToTokenCase(prompts: 1, isShared: false, heads: 8, tokens: 20, cells: 140, channels: 16),
        imageToTokenCase(prompts: 3, isShared: true, heads: 2, tokens: 6, cells: 600, channels: 33),
        tokenToSharedImageCase(prompts: 2, heads: 2, tokens: 3, cells: 9, size: 16, own: 16),
        tokenToSharedImageCase(prompts: 3, heads: 3, tokens: 7, cells: 150, size: 16, own: 16),
        tokenToSharedImageCase(prompts: 2, heads: 2, tokens: 14, cells: 300, size: 48, own: 0),
        tokenToSharedImageCase(prompts: 2, heads: 8, tokens: 25, cells: 140, size: 16, own: 32),
        sharedImageToTokenCase(prompts: 2, heads: 2, tokens: 2, cells: 9, channels: 12, size: 16, own: 16),
        sharedImageToTokenCase(prompts: 3, heads: 3, tokens: 7, cells: 150, channels: 33, size: 16, own: 16),
        sharedImageToTokenCase(prompts: 2, heads: 2, tokens: 13, cells: 1100, channels: 48, size: 32, own: 0),
        sharedImageToTokenCase(prompts: 2, heads: 8, tokens: 21, cells: 140, channels: 64, size: 16, own: 32),
        upscalingCase(prompts: 1, masks: 1, grid: 3, channels: 16, first: 4, second: 2),
        upscalingCase(prompts: 2, masks: 3, grid: 11, channels: 24, first: 9, second: 8),
        upscalingCase(prompts: 2, masks: 4, grid: 29, channels: 32, first: 16, second: 12),
    ]

    /// Draws the inputs of a case.
    static func inputs(_ shapes: [[Int]]) -> [Tensor] {
        var random = CounterRandom(seed: 23, purpose: RandomPurpose("decoder operations"))
        return shapes.map { Tensor.random($0, -1..<1, &random) }
    }

    /// The result for leaves, and the leaves' gradients for a drawn gradient of the result. Another use of each input
    /// comes first on the way back, so that the operation has to add to what is there.
    static func run(_ inputs: [Tensor], _ operation: ([Tensor]) -> Tensor) -> [[Float]] {
        let leaves = inputs.map { $0.asLeaf() }
        let output = operation(leaves)
        var random = CounterRandom(seed: 29, purpose: RandomPurpose("decoder gradients"))
        let seed = Tensor.random(output.shape, -1..<1, &random)
        backward(leaves.map { ($0.scaled(by: 0.5), Tensor(repeating: 1, shape: $0.shape)) } + [(output, seed)])
        return [output.values] + leaves.map { $0.gradient?.values ?? [] }
    }

    @Test(arguments: cases) func agreesWithPlainOperations(_ each: Case) {
        let inputs = Self.inputs(each.shapes)
        let expected = Self.run(inputs, each.plain)
        for table in Kernels.available {
            let found = Kernels.with(table) { Self.run(inputs, each.fused) }
            // In half precision the operations compute again what they otherwise keep; leaves themselves are not rounded.
            // In bfloat16 they keep it rounded: to one part in 512, and sums of such, next to the largest of all.
            for (format, tolerance) in [(ElementFormat.float16, Float(1e-5)), (.bfloat16, 1e-2)] {
                let again = Kernels.with(table) { SavedActivations.with(format) { Self.run(inputs, each.fused) } }
                for (kept, computed) in zip(found, again) {
                    let scale = kept.reduce(Float(1e-3)) { max($0, abs($1)) }
                    #expect(
                        zip(kept, computed).allSatisfy { abs($0 - $1) <= tolerance * scale },
                        "\(table.level), \(format)")
                }
            }
            for (index, (found, expected)) in zip(found, expected).enumerated() {
                #expect(found.count == expected.count)
                let scale = expected.reduce(Float(1e-3)) { max($0, abs($1)) }
                let error = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) } / scale
                #expect(error < 2e-5, "\(table.level): part \(index) of \(each.shapes.count + 1) is off by \(error)")
            }
        }
    }

    @Test(arguments: cases) func bytesDoNotDependOnWorkers(_ each: Case) {
        let inputs = Self.inputs(each.shapes)
        let results = atEveryWorkerCount { Self.run(inputs, each.fused) }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test func gradientsAreDerivatives() {
        for each in Self.cases where each.shapes.allSatisfy({ $0.reduce(1, *) < 4000 }) {
            FiniteDifferences.check(each.shapes) { each.fused($0) }
        }
    }

    @Test func aFrozenPictureGetsNoGradient() {
        let each = Self.imageToTokenCase(prompts: 2, isShared: true, heads: 2, tokens: 3, cells: 40, channels: 16)
        var inputs = Self.inputs(each.shapes)
        let all = Self.run(inputs, each.fused)
        for index in inputs.indices.dropFirst() { inputs[index] = inputs[index].asLeaf() }
        let output = each.fused(inputs)
        var random = CounterRandom(seed: 29, purpose: RandomPurpose("decoder gradients"))
        backward(output, seed: Tensor.random(output.shape, -1..<1, &random))
        #expect(inputs[0].gradient == nil)
        for index in inputs.indices.dropFirst() {
            let rest = all[index + 1].map { $0 - 0.5 }
            let found = inputs[index].gradient?.values ?? []
            #expect(zip(found, rest).allSatisfy { abs($0 - $1) < 1e-4 } && found.count == rest.count)
        }
    }

    /// What is not wanted is not computed: a frozen encoder's picture, and mask prompts that do not learn.
    @Test(arguments: [16, 0]) func aFrozenSharedPictureGetsNoGradient(own: Int) {
        let cases = [
            (Self.tokenToSharedImageCase(prompts: 2, heads: 2, tokens: 3, cells: 40, size: 16, own: own), [3]),
            (
                Self.sharedImageToTokenCase(
                    prompts: 2, heads: 2, tokens: 3, cells: 40, channels: 16, size: 16, own: own), [0, 7, 8]
            ),
        ]
        for (each, frozen) in cases {
            var inputs = Self.inputs(each.shapes)
            let all = Self.run(inputs, each.fused)
            for index in inputs.indices where !frozen.contains(index) { inputs[index] = inputs[index].asLeaf() }
            let output = each.fused(inputs)
            var random = CounterRandom(seed: 29, purpose: RandomPurpose("decoder gradients"))
            backward(output, seed: Tensor.random(output.shape, -1..<1, &random))
            for index in inputs.indices {
                guard !frozen.contains(index) else {
                    #expect(inputs[index].gradient == nil, "\(each.name)")
                    continue
                }
                let rest = all[index + 1].map { $0 - 0.5 }
                let found = inputs[index].gradient?.values ?? []
                #expect(zip(found, rest).allSatisfy { abs($0 - $1) < 1e-4 } && found.count == rest.count)
            }
        }
    }
}
