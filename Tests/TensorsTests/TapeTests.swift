import Kernels
import Tensors
import Testing

/// What the tape records, keeps and frees.
@Suite struct TapeTests {
    private func parameter(_ name: String, _ shape: [Int], seed: UInt64) -> Parameter {
        Parameter(name: name, value: .random(shape, seed: seed))
    }

    /// Gradients of several runs add up until they are cleared.
    @Test func gradientsAccumulate() {
        let weight = parameter("w", [3], seed: 1)
        let x = Tensor([1, 2, 3], shape: [3])
        for _ in 0..<2 { backward((weight.tensor * x).sum()) }
        #expect(weight.gradient?.values == [2, 4, 6])
        weight.gradient = nil
        backward((weight.tensor * x).sum(), seed: Tensor(0.5))
        #expect(weight.gradient?.values == [0.5, 1, 1.5])
    }

    /// A parameter used twice gets both parts; adding in place changes nobody else's tensor.
    @Test func sharedUse() {
        let weight = parameter("w", [2], seed: 1)
        let a = weight.tensor + weight.tensor
        let leaf = Tensor([5, 7], shape: [2]).asLeaf()
        let seed = Tensor([1, 10], shape: [2])
        backward(a + leaf, seed: seed)
        #expect(weight.gradient?.values == [2, 20])
        #expect(leaf.gradient?.values == [1, 10] && seed.values == [1, 10])
    }

    @Test func constantsRecordNothing() {
        let frozen = parameter("w", [3, 3], seed: 1)
        frozen.isTrainable = false
        let x = Tensor.random([2, 3], seed: 2)
        #expect(x.linear(weight: frozen.tensor, bias: nil).gelu().node == nil)
        backward(x.sum())
        frozen.isTrainable = true
        #expect(x.linear(weight: frozen.tensor, bias: nil).node != nil)
        #expect(GradientRecording.off { x.linear(weight: frozen.tensor, bias: nil) }.node == nil)
    }

    /// Several outputs, each with its seed, run backward in one pass.
    @Test func severalOutputs() {
        let x = Tensor([1, 2], shape: [2]).asLeaf()
        let hidden = x.scaled(by: 3)
        backward([(hidden.sum(), Tensor(1)), (hidden * hidden, Tensor([1, 1], shape: [2]))])
        #expect(x.gradient?.values == [21, 39], "3 + 2 · 9 x")
    }

    /// Backward frees what the operations kept: the pool's count of used bytes falls back.
    @Test func backwardFreesTheTape() {
        weak var kept: TapeNode?
        let weight = parameter("w", [64, 64], seed: 1)
        var loss = Tensor(0)
        do {
            let hidden = Tensor.random([32, 64], seed: 2).linear(weight: weight.tensor, bias: nil)
            kept = hidden.node
            loss = hidden.gelu().sum()
        }
        #expect(kept != nil)
        backward(loss)
        #expect(kept == nil, "an operation outlived its backward run")
    }

    /// A long tape is run, or dropped, without a recursion as deep as it is long.
    @Test func longChains() {
        let weight = parameter("w", [1], seed: 1)
        func chain() -> Tensor {
            var x = weight.tensor
            for _ in 0..<50_000 { x = x.scaled(by: 1) }
            return x
        }
        backward(chain())
        #expect(weight.gradient?.values == [1])
        weak var dropped: TapeNode?
        do {
            let x = chain()
            dropped = x.node
        }
        #expect(dropped == nil)
    }

    /// Checkpointing gives the same bytes, for the input and for the parameters.
    @Test func checkpointing() {
        let weight = parameter("w", [5, 5], seed: 1)
        let start = Tensor.random([3, 5], seed: 2)
        func run(_ isCheckpointed: Bool, _ x: Tensor) -> [Float] {
            weight.gradient = nil
            func block(_ x: Tensor) -> Tensor { x.linear(weight: weight.tensor, bias: nil).gelu() + x }
            let output = isCheckpointed ? checkpointed(x, parameters: [weight], block) : block(x)
            backward((output * output).sum())
            return output.values + (x.gradient?.values ?? []) + (weight.gradient?.values ?? [])
        }
        #expect(run(true, start.asLeaf()) == run(false, start.asLeaf()))
        #expect(run(true, start) == run(false, start))
        weight.isTrainable = false
        #expect(checkpointed(start, parameters: [weight]) { $0.gelu() }.node == nil)
    }
}
