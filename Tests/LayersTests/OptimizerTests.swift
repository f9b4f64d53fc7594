import KernelABI
import Kernels
import Layers
import Tensors
import TestSupport
import Testing

@Suite struct OptimizerTests {
    /// Five clipped steps of two groups against PyTorch.
    @Test(arguments: Kernels.available.map(\.level))
    func agreesWithPyTorch(level: CPULevel) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let fixture = try NumberFixture("Layers/adamw.txt")
        let first = Parameter(name: "first", value: fixture.tensor("first", [3, 7]))
        let second = Parameter(name: "second", value: fixture.tensor("second", [5]))
        var optimizer = Optimizer(groups: [.init([first], weightDecay: 0.1), .init([second], weightDecay: 0)])
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

    /// What each rule is called in the fixture.
    private static let rules: [(name: String, rule: OptimizerRule)] = [
        ("adamw", .adamW(beta1: 0.8, beta2: 0.99)), ("adam", .adam(beta1: 0.8, beta2: 0.99)),
        ("momentum", .descent(momentum: 0.9)), ("plain", .descent(momentum: 0)),
    ]

    /// Ten steps of every rule, with and without decay, against PyTorch: the weights, and what is remembered.
    @Test(arguments: Kernels.available.map(\.level), rules.indices)
    func everyRuleAgreesWithPyTorch(level: CPULevel, index: Int) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let fixture = try NumberFixture("Layers/optimizers.txt")
        let (name, rule) = Self.rules[index]
        let first = Parameter(name: "first", value: fixture.tensor("first", [4, 9]))
        let second = Parameter(name: "second", value: fixture.tensor("second", [6]))
        var optimizer = Optimizer(
            groups: [.init([first], weightDecay: 0.1), .init([second], weightDecay: 0)], rule: rule)
        Kernels.with(table) {
            for step in 0..<10 {
                // The scale of a loss is taken out again.
                first.gradient = fixture.tensor("firstGradient\(step)", [4, 9]).scaled(by: 64)
                second.gradient = fixture.tensor("secondGradient\(step)", [6]).scaled(by: 64)
                optimizer.step(learningRate: 1e-2 / Double(step + 1), gradientScale: 1 / 64)
                #expect(relativeError(first.value.values, fixture["\(name)First\(step)"]) < 1e-6)
                #expect(relativeError(second.value.values, fixture["\(name)Second\(step)"]) < 1e-6)
            }
        }
        let state = optimizer.states["first"]
        #expect((state == nil) == rule.momentNames.isEmpty)
        for (moment, tensor) in zip(rule.momentNames, [state?.firstMoment, state?.secondMoment]) {
            #expect(relativeError(tensor?.values ?? [], fixture["\(name).\(moment)"]) < 1e-6, "\(moment)")
        }
        if rule.countsSteps { #expect(state?.step == 10) }
    }

    /// A group's factor and a parameter's own multiply the rate.
    @Test func factorsMultiplyTheRate() {
        let parameters = ["a", "b", "c"].map { Parameter(name: $0, value: Tensor([1], shape: [1])) }
        for parameter in parameters { parameter.gradient = Tensor([1], shape: [1]) }
        var optimizer = Optimizer(
            groups: [
                .init([parameters[0]], weightDecay: 0),
                .init([parameters[1], parameters[2]], weightDecay: 0, learningRateScale: 0.5),
            ], rule: .descent(momentum: 0))
        optimizer.step(learningRate: 0.25, factor: { $0.name == "c" ? 0.5 : 1 })
        #expect(parameters.map { $0.value.scalar } == [0.75, 0.875, 0.9375])
    }

    /// Parameters that are frozen or have no gradient stay as they are, and are not remembered.
    @Test func leavesTheRestAlone() {
        let frozen = Parameter(name: "frozen", value: Tensor([1, 2], shape: [2]), isTrainable: false)
        frozen.gradient = Tensor([1, 1], shape: [2])
        let unused = Parameter(name: "unused", value: Tensor([3], shape: [1]))
        var optimizer = Optimizer(groups: [.init([frozen, unused], weightDecay: 0.5)])
        optimizer.step(learningRate: 0.1)
        #expect(frozen.value.values == [1, 2] && unused.value.values == [3] && optimizer.states.isEmpty)
    }

    /// Going on from stored states gives the same bytes as never having stopped.
    @Test(arguments: rules.indices) func resumes(index: Int) {
        let rule = Self.rules[index].rule
        func parameter() -> Parameter { Parameter(name: "w", value: Tensor([0.5, -1, 2], shape: [3])) }
        func gradient(_ step: Int) -> Tensor { Tensor([Float(step), 1, -0.3], shape: [3]) }
        let straight = parameter()
        var optimizer = Optimizer(groups: [.init([straight], weightDecay: 0.1)], rule: rule)
        for step in 0..<6 {
            straight.gradient = gradient(step)
            optimizer.step(learningRate: 0.01)
        }
        let stopped = parameter()
        var before = Optimizer(groups: [.init([stopped], weightDecay: 0.1)], rule: rule)
        for step in 0..<3 {
            stopped.gradient = gradient(step)
            before.step(learningRate: 0.01)
        }
        let resumed = Parameter(name: "w", value: Tensor(stopped.value.values, shape: [3]))
        var after = Optimizer(groups: [.init([resumed], weightDecay: 0.1)], rule: rule)
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
        var optimizer = Optimizer(groups: [.init([parameter], weightDecay: 0)])
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

    @Test(arguments: rules.indices) func bytesDoNotDependOnThreads(index: Int) {
        let values = (0..<70_001).map { Float($0 % 100) / 50 - 1 }
        let results = atEveryWorkerCount {
            let parameter = Parameter(name: "w", value: Tensor(values, shape: [70_001]))
            parameter.gradient = Tensor(values.reversed(), shape: [70_001])
            var optimizer = Optimizer(groups: [.init([parameter], weightDecay: 0.1)], rule: Self.rules[index].rule)
            for _ in 0..<2 { optimizer.step(learningRate: 0.01) }
            return (parameter.value.values, GradientNorm.global(of: [parameter]))
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }
}

extension Tensor {
    /// The elements times a factor.
    fileprivate func scaled(by factor: Float) -> Tensor { Tensor(values.map { $0 * factor }, shape: shape) }
}
