import KernelABI
import Kernels
import Layers
import Tensors
import TestSupport
import Testing

@Suite struct AdamWTests {
    /// Five clipped steps of two groups against PyTorch.
    @Test(arguments: Kernels.available.map(\.level))
    func agreesWithPyTorch(level: CPULevel) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let fixture = try NumberFixture("Layers/adamw.txt")
        let first = Parameter(name: "first", value: fixture.tensor("first", [3, 7]))
        let second = Parameter(name: "second", value: fixture.tensor("second", [5]))
        var optimizer = AdamW(groups: [.init([first], weightDecay: 0.1), .init([second], weightDecay: 0)])
        Kernels.with(table) {
            for step in 0..<5 {
                first.gradient = fixture.tensor("firstGradient\(step)", [3, 7])
                second.gradient = fixture.tensor("secondGradient\(step)", [5])
                let norm = GradientNorm.global(of: [first, second])
                #expect(relativeError([Float(norm)], fixture["norm\(step)"]) < 1e-6)
                optimizer.step(
                    learningRate: 1e-2 / Double(step + 1),
                    gradientScale: GradientNorm.clippingFactor(norm: norm, maximum: 3))
                #expect(relativeError(first.value.values, fixture["first\(step)"]) < 1e-6)
                #expect(relativeError(second.value.values, fixture["second\(step)"]) < 1e-6)
            }
        }
        #expect(optimizer.states["first"]?.step == 5)
    }

    /// Parameters that are frozen or have no gradient stay as they are, and are not remembered.
    @Test func leavesTheRestAlone() {
        let frozen = Parameter(name: "frozen", value: Tensor([1, 2], shape: [2]), isTrainable: false)
        frozen.gradient = Tensor([1, 1], shape: [2])
        let unused = Parameter(name: "unused", value: Tensor([3], shape: [1]))
        var optimizer = AdamW(groups: [.init([frozen, unused], weightDecay: 0.5)])
        optimizer.step(learningRate: 0.1)
        #expect(frozen.value.values == [1, 2] && unused.value.values == [3] && optimizer.states.isEmpty)
    }

    /// Going on from stored states gives the same bytes as never having stopped.
    @Test func resumes() {
        func parameter() -> Parameter { Parameter(name: "w", value: Tensor([0.5, -1, 2], shape: [3])) }
        func gradient(_ step: Int) -> Tensor { Tensor([Float(step), 1, -0.3], shape: [3]) }
        let straight = parameter()
        var optimizer = AdamW(groups: [.init([straight], weightDecay: 0.1)])
        for step in 0..<6 {
            straight.gradient = gradient(step)
            optimizer.step(learningRate: 0.01)
        }
        let stopped = parameter()
        var before = AdamW(groups: [.init([stopped], weightDecay: 0.1)])
        for step in 0..<3 {
            stopped.gradient = gradient(step)
            before.step(learningRate: 0.01)
        }
        let resumed = Parameter(name: "w", value: Tensor(stopped.value.values, shape: [3]))
        var after = AdamW(groups: [.init([resumed], weightDecay: 0.1)])
        after.states = before.states
        for step in 3..<6 {
            resumed.gradient = gradient(step)
            after.step(learningRate: 0.01)
        }
        #expect(resumed.value.values == straight.value.values)
    }

    /// Whoever holds the value from before a step keeps it.
    @Test func stepsLeaveCopiesAlone() {
        let parameter = Parameter(name: "w", value: Tensor([1, 1], shape: [2]))
        let before = parameter.value
        parameter.gradient = Tensor([1, 1], shape: [2])
        var optimizer = AdamW(groups: [.init([parameter], weightDecay: 0)])
        optimizer.step(learningRate: 0.1)
        #expect(before.values == [1, 1] && parameter.value.values != [1, 1])
    }

    @Test func namesTheGradientThatIsNotFinite() {
        let parameters = ["a", "b", "c"].map { Parameter(name: $0, value: Tensor([1], shape: [1])) }
        parameters[0].gradient = Tensor([1], shape: [1])
        parameters[2].gradient = Tensor([.nan], shape: [1])
        #expect(GradientNorm.firstNotFinite(in: parameters)?.name == "c")
        #expect(!GradientNorm.global(of: parameters).isFinite)
    }

    @Test func bytesDoNotDependOnThreads() {
        let values = (0..<70_001).map { Float($0 % 100) / 50 - 1 }
        let results = atEveryWorkerCount {
            let parameter = Parameter(name: "w", value: Tensor(values, shape: [70_001]))
            parameter.gradient = Tensor(values.reversed(), shape: [70_001])
            var optimizer = AdamW(groups: [.init([parameter], weightDecay: 0.1)])
            optimizer.step(learningRate: 0.01)
            return (parameter.value.values, GradientNorm.global(of: [parameter]))
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }
}
