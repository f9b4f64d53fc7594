import Checkpoints
import JSONText
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// Each key of optimisation changes what it says.
@Suite struct OptimisationTests {
    private func prepared(
        _ directory: TemporaryDirectory, _ change: (inout TrainingConfiguration) -> Void = { _ in }
    ) throws -> TrainingConfiguration {
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.sampleImages = 0
        configuration.report = false
        configuration.track = []
        change(&configuration)
        return configuration
    }

    // MARK: Rules

    /// What each rule remembers is stored under PyTorch's names, and the rules lead to different weights.
    @Test func optimizersAreDifferentRules() throws {
        let directory = try TemporaryDirectory()
        var weights: [[String: [Float]]] = []
        for (kind, momentum, names) in [
            (OptimizerKind.adamw, 0.9, Set(["exp_avg", "exp_avg_sq", "step"])),
            (.adam, 0.9, ["exp_avg", "exp_avg_sq", "step"]), (.sgd, 0.9, ["momentum_buffer"]), (.sgd, 0, []),
        ] {
            let configuration = try prepared(directory) {
                ($0.optimizer, $0.momentum, $0.epochs, $0.val) = (kind, momentum, 1, nil)
            }
            let run = try TrainingRun(configuration, as: "\(kind) \(momentum)", in: directory)
            weights.append(try run.weights())
            let state = try FileSystem.read(
                try #require(run.folder.checkpoints.folder(.last)) + "/optimizer.safetensors")
            let header = String(decoding: state.prefix(200_000), as: UTF8.self)
            for name in ["exp_avg", "exp_avg_sq", "step", "momentum_buffer"] {
                #expect(header.contains("mask_decoder.iou_token.weight.\(name)\"") == names.contains(name), "\(kind)")
            }
        }
        #expect(Set(weights).count == 4)
    }

    @Test func aRateOfZeroLeavesAPartAsItIs() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepared(directory) {
            $0.learningRates = [NamedNumber(name: "image_encoder", number: 0)]
        }
        let run = try TrainingRun(configuration, in: directory)
        let before = try SAMCheckpoint.read(try #require(configuration.weights))
        let after = try run.weights()
        for parameter in before.parameters where parameter.name.hasPrefix("image_encoder.") {
            #expect(after[parameter.name] == parameter.value.values)
        }
        #expect(after["mask_decoder.iou_token.weight"]?.isEmpty == false)
        #expect(before.parameters.contains { after[$0.name] != $0.value.values })
        let rates = try #require(run.steps.last?.learningRates)
        #expect(Set(rates.map(\.name)) == ["image_encoder", "all"])
        #expect(rates.first { $0.name == "image_encoder" }?.number == 0)
        let line = try #require(try TrainingRun.metrics(run.folder).first)
        #expect(line["learning_rates"]?["all"]?.double == line["learning_rate"]?.double)
    }

    @Test func aPatternOfRatesThatSelectsNothingIsAnError() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepared(directory) {
            $0.learningRates = [NamedNumber(name: "image_encodr", number: 0.1)]
        }
        let error = try #require(throws: TrainingError.self) { try TrainingRun(configuration, in: directory) }
        #expect(error.code == .parameters && error.message.contains("image_encodr"))
    }

    @Test func layerDecayShowsInTheRates() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepared(directory) { ($0.layerDecay, $0.epochs) = (0.5, 1) }
        let step = try #require(try TrainingRun(configuration, in: directory).steps.first)
        let shares = Dictionary(
            uniqueKeysWithValues: step.learningRates.map { ($0.name, $0.number / step.learningRate) })
        #expect(shares == ["layer 0": 0.125, "layer 1": 0.25, "layer 2": 0.5, "all": 1])
    }

    // MARK: Courses

    /// Every course has its own rates, and its keys change them.
    @Test func schedulesAndTheirKeys() throws {
        let directory = try TemporaryDirectory()
        var count = 0
        func rates(_ change: (inout TrainingConfiguration) -> Void) throws -> [Double] {
            count += 1
            let configuration = try prepared(directory) {
                ($0.val, $0.trainOnly) = (nil, ["mask_decoder.iou_token"])
                change(&$0)
            }
            return try TrainingRun(configuration, as: "\(count)", in: directory)
                .steps.map(\.learningRate)
        }
        let plain = try ScheduleKind.allCases.filter { $0 != .plateau }.map { kind in try rates { $0.schedule = kind } }
        #expect(Set(plain).count == plain.count && plain.allSatisfy { $0.count == 9 })
        #expect(
            try Set([0.5, 2].map { power in try rates { ($0.schedule, $0.polynomialPower) = (.polynomial, power) } })
                .count == 2)
        let early = try rates { ($0.schedule, $0.stepsAt, $0.stepFactor) = (.step, [0.3], 0.25) }
        #expect(early == [2e-3, 2e-3, 2e-3] + Array(repeating: 5e-4, count: 6))
        for kind in [ScheduleKind.cosine, .polynomial, .oneCycle] {
            let end = try rates { ($0.schedule, $0.finalLearningRate) = (kind, 0.5) }.last ?? 0
            #expect(abs(end - 1e-3) < 1e-9, "\(kind)")
        }
        #expect(
            try rates { ($0.schedule, $0.warmupSteps) = (.constant, 4) }.prefix(5) == [5e-4, 1e-3, 1.5e-3, 2e-3, 2e-3])
    }

    /// With a rate that changes nothing every validation but the first is no better.
    @Test func aPlateauLowersTheRate() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepared(directory) {
            ($0.schedule, $0.plateauFactor, $0.plateauPatience, $0.finalLearningRate) = (.plateau, 0.25, 1, 0.1)
            ($0.learningRate, $0.epochs, $0.warmupSteps) = (1e-20, 7, 0)
        }
        let run = try TrainingRun(configuration, in: directory)
        let byEpoch = (1...7).map { epoch in Set(run.steps.filter { $0.epoch == epoch }.map { $0.learningRate * 1e20 })
        }
        #expect(byEpoch.map { ($0.first ?? 0).rounded(toPlaces: 6) } == [1, 1, 1, 0.25, 0.25, 0.1, 0.1])
        #expect(byEpoch.allSatisfy { $0.count == 1 } && run.outcome.state.plateau?.stale == 0)
    }

    @Test(arguments: [true, false]) func whatGoesByTheValidationNeedsOne(isPlateau: Bool) throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepared(directory) {
            $0.val = nil
            if isPlateau { $0.schedule = .plateau } else { $0.patience = 2 }
        }
        let error = try #require(throws: TrainingError.self) { try TrainingRun(configuration, in: directory) }
        #expect(error.code == .configuration && error.message.contains(isPlateau ? "plateau" : "patience"))
    }

    @Test func patienceEndsTheRun() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepared(directory) {
            ($0.patience, $0.learningRate, $0.epochs) = (2, 1e-20, 9)
        }
        let run = try TrainingRun(configuration, in: directory)
        #expect(run.outcome.ending == .outOfPatience && run.outcome.state.closedEpochs == 3)
        #expect(run.outcome.state.best?.epoch == 1 && run.outcome.state.staleValidations == 2)
        let again = try Trainer.resuming(run.folder) { _ in }.run()
        #expect(again.ending == .outOfPatience && again.steps == 0)
        // Who has more patience after all may go on.
        let longer = try Trainer.resuming(run.folder) { $0.patience = 4 }.run()
        #expect(longer.ending == .outOfPatience && longer.state.closedEpochs == 5)
    }

    // MARK: Moving average

    /// The average is what is validated and kept; training itself is the same as without.
    @Test func theAverageIsKeptAndTrainingIsNotChanged() throws {
        let directory = try TemporaryDirectory()
        // Weights whose masks are not empty, so that validations tell models apart.
        let weights = Repository.fixture("SAM/windowed/weights.safetensors")
        func prepared(_ directory: TemporaryDirectory, ema: Double) throws -> TrainingConfiguration {
            try self.prepared(directory) { ($0.weights, $0.learningRate, $0.ema) = (weights, 1e-2, ema) }
        }
        let plain = try TrainingRun(try prepared(directory, ema: 0), as: "plain", in: directory)
        let averaged = try TrainingRun(try prepared(directory, ema: 0.9), as: "averaged", in: directory)
        #expect(plain.steps.map(\.terms) == averaged.steps.map(\.terms))
        let files = try TrainingRun.files(averaged.folder)
        #expect(
            Set(files.keys) == ["model.safetensors", "optimizer.safetensors", "state.json", "unaveraged.safetensors"])
        #expect(Set(try TrainingRun.files(plain.folder).keys).count == 3)
        #expect(plain.epochs.map(\.validation?.score) != averaged.epochs.map(\.validation?.score))
        let less = try TrainingRun(try prepared(directory, ema: 0.1), as: "less", in: directory)
        let (raw, average, lessAverage) = (try plain.weights(), try averaged.weights(), try less.weights())
        #expect(raw != average && average != lessAverage && raw != lessAverage)
        // What training goes on with is beside the average, for those that are trained.
        let checkpoint = try #require(averaged.folder.checkpoints.folder(.last))
        let unaveraged = try SafeTensors.read(checkpoint + "/unaveraged.safetensors")
        #expect(unaveraged.count > 100)
        for name in unaveraged.names { #expect(unaveraged[name]?.floats() == raw[name], "\(name)") }
    }

    // MARK: f16

    /// A scale that is a power of two changes no bit: it is taken out again exactly.
    @Test func theScaleOfTheLossIsTakenOutAgain() throws {
        let directory = try TemporaryDirectory()
        let runs = try [1, 65536.0].map { scale in
            try TrainingRun(
                try prepared(directory) { ($0.precision, $0.lossScale) = (.f16, scale) }, as: "\(scale)", in: directory)
        }
        #expect(try runs[0].weights() == runs[1].weights())
        #expect(runs[0].steps.map(\.gradientNorm) == runs[1].steps.map(\.gradientNorm))
        #expect(runs[1].steps.map(\.lossScale) == Array(repeating: 65536, count: 9))
        #expect(runs[1].outcome.state.lossScale == LossScale(scale: 65536, goodSteps: 9))
    }

    /// A scale that is far too large: steps are skipped, and the rest is as if they had not been.
    @Test func overflowsAreSkipped() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepared(directory) {
            ($0.precision, $0.lossScale, $0.epochs) = (.f16, 1e24, 12)
        }
        let run = try TrainingRun(configuration, in: directory)
        #expect(run.skips.count > 3 && run.steps.count > 3 && run.skips.count + run.steps.count == 36)
        #expect(run.skips.map(\.step) == Array(1...run.skips.count))
        #expect(run.outcome.state.skippedSteps == run.skips.count)
        #expect(run.skips.map(\.lossScale) == (1...run.skips.count).map { 1e24 / Double(1 << $0) })
        #expect(run.skips[0].cause.contains("step 1: the gradient of"))
        let kinds = try TrainingRun.metrics(run.folder).compactMap { $0["kind"]?.string }
        #expect(kinds.count { $0 == "skipped" } == run.skips.count)
        #expect(run.epochs[0].loss.isNaN || run.skips.count < 3)
    }

    /// What no scale can help ends the run, and says what may help.
    @Test func whatIsNotFiniteAtTheLowestScaleEndsTheRun() throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepared(directory) {
            ($0.precision, $0.lossScale, $0.learningRate) = (.f16, 2, 1e30)
        }
        let error = try #require(throws: TrainingError.self) { try TrainingRun(configuration, in: directory) }
        #expect(error.code == .notFinite && error.message.contains("step 3"), "\(error)")
    }

    // MARK: Checkpoints

    /// A stop between steps always leaves a checkpoint, so what counts is what is there while the run goes on.
    @Test(arguments: [0, 1e6]) func checkpointsComeAsOftenAsAsked(minutes: Double) throws {
        let directory = try TemporaryDirectory()
        let configuration = try prepared(directory) { ($0.checkpointEvery, $0.val) = (minutes, nil) }
        let folder = RunFolder(path: directory.file("run"))
        var seen: [Int] = []
        _ = try Trainer.new(configuration, in: folder, replacing: false).run(observe: { event in
            guard case .stepped = event else { return }
            let path = folder.checkpoints.folder(.last).map { $0 + "/state.json" }
            let state = path.flatMap { try? JSONDocument.read(path: $0) }
            seen.append(state?["step"]?.int ?? 0)
        })
        #expect(seen == (minutes == 0 ? Array(0...8) : [0, 0, 0, 3, 3, 3, 6, 6, 6]))
    }
}

extension LossScale {
    fileprivate init(scale: Double, goodSteps: Int) {
        self.init(scale: scale)
        self.goodSteps = goodSteps
    }
}

extension Double {
    fileprivate func rounded(toPlaces places: Int) -> Double {
        let unit = (0..<places).reduce(1.0) { value, _ in value * 10 }
        return (self * unit).rounded() / unit
    }
}
