import Runtime
import TestSupport
import Testing
import Training

@Suite struct LearningRateSearchTests {
    /// A test of a loss that depends on the rate, of batches that begin with a loss of their own.
    private func search(
        _ loss: (Double) -> Double?, steps: Int = 100, start: (Int) -> Double = { _ in 2 }
    ) -> LearningRateSearch {
        var search = LearningRateSearch(plannedSteps: steps)
        while search.wantsMore {
            let start = start(search.points.count)
            search.note(loss: loss(search.nextRate).map { $0 + start - 2 }, startLoss: start)
        }
        return search
    }

    /// Numbers around 0, of standard deviation 1.
    private func noise(_ count: Int, stream: Int) -> [Double] {
        var random = CounterRandom(seed: UInt64(stream), sample: 0, purpose: RandomPurpose("noise"))
        return (0..<count).map { _ in (0..<12).reduce(-6) { sum, _ in sum + random.uniform() } }
    }

    @Test func ratesRiseExponentially() {
        let flat = search({ _ in 2 }, steps: 8)
        #expect(flat.points.count == 8 && flat.ending == .finished && flat.suggestion == nil)
        for (point, exponent) in zip(flat.points, -7...0) {
            #expect(abs(point.learningRate / pow10(exponent) - 1) < 1e-9)
            #expect(point.change == 0)
        }
        #expect(flat.smoothed == Array(repeating: 2, count: 8) && flat.losses == flat.smoothed)
    }

    @Test func theFallIsFoundAndTheExplosionEndsIt() throws {
        let found = search { rate in rate < 1e-5 ? 2 : rate < 1e-3 ? 1 : rate < 1e-2 ? 1.2 : 1e3 * rate }
        #expect(found.ending == .exploded && found.points.count < 100)
        let steepest = try #require(found.steepest)
        // The average lags behind by a few steps, of 1.17 each.
        #expect((1e-5...3e-5).contains(steepest), "\(steepest)")
        let tenth = try #require(found.tenthOfMinimum)
        #expect((5e-5...1.1e-4).contains(tenth), "\(tenth)")
        let suggestion = try #require(found.suggestion)
        #expect(abs(suggestion / min(steepest, tenth) - 1) < 0.06)
    }

    /// What the images of a step are like is no course of the loss: the same suggestion, or none, whatever they are like.
    @Test func imagesOfStepsArePassedOver() throws {
        let course = { (rate: Double) in rate < 1e-5 ? 2 : rate < 1e-3 ? 1.8 : rate < 1e-2 ? 1.9 : 1e3 * rate }
        for stream in 0..<20 {
            let noise = noise(100, stream: stream)
            #expect(search({ _ in 2 }, start: { 2 + 0.5 * noise[$0] }).suggestion == nil)
            let found = search(course, start: { 2 + 0.2 * noise[$0] })
            #expect(found.suggestion == search(course).suggestion && found.suggestion != nil)
        }
    }

    /// Differences that jump up and down are none, and a fall among them is found only where it is larger.
    @Test func aFallMustBeLargerThanItsNoise() {
        var alarms = 0
        for stream in 0..<100 {
            let noise = noise(100, stream: stream)
            var step = -1
            let flat = search { _ in
                step += 1
                return 2 + 0.3 * noise[step]
            }
            alarms += flat.suggestion == nil ? 0 : 1
            step = -1
            let falling = search { rate in
                step += 1
                return (rate < 1e-5 ? 2 : rate < 1e-2 ? 1.2 : 1e4 * rate) + 0.3 * noise[step]
            }
            #expect(falling.suggestion != nil, "\(stream)")
        }
        #expect(alarms <= 5, "\(alarms) of 100")
    }

    @Test func whatIsNotFiniteEndsIt() {
        let found = search { $0 < 1e-4 ? 1 : .nan }
        #expect(found.ending == .notFinite && found.points.allSatisfy { $0.learningRate < 1e-4 })
        #expect(search { _ in nil }.points.isEmpty)
    }

    /// Plots of nothing, one point, and a flat line are drawn too.
    @Test func everyPlotIsWellFormed() {
        for found in [search { _ in nil }, search({ _ in 1 }, steps: 2), search { $0 < 1e-3 ? 2 - $0 : 1e9 * $0 }] {
            #expect(found.svg.hasPrefix("<svg ") && found.svg.hasSuffix("</svg>\n"))
            #expect(!found.svg.contains("nan") && !found.svg.contains("inf,"))
        }
    }

    /// The test goes over several epochs, makes the same bytes at any number of threads, and writes nothing.
    @Test func aSmallModelIsTested() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.schedule = .plateau
        configuration.val = nil
        let before = try FileSystem.read(try #require(configuration.weights))
        let names = try FileSystem.list(directory.path)
        let results = try atEveryWorkerCount { try Trainer.findLearningRate(configuration, steps: 30) }
        #expect(results.allSatisfy { $0 == results[0] } && results[0].points.count > 15)
        #expect(results[0].suggestion != nil, "\(results[0].smoothed)")
        #expect(try FileSystem.read(try #require(configuration.weights)) == before)
        #expect(try FileSystem.list(directory.path) == names)
        // What was found until it was stopped is not lost.
        let none = try Trainer.findLearningRate(configuration, steps: 5, shouldStop: { true })
        #expect(none.points.isEmpty && none.ending == .interrupted && none.suggestion == nil)
        var done = 0
        let part = try Trainer.findLearningRate(
            configuration, steps: 5, shouldStop: { done == 3 }, progress: { done = $0 })
        #expect(part.points.count == 3 && part.ending == .interrupted && part.svg.contains("</svg>"))
    }

    /// A parameter that nothing depends on: the difference is 0 whatever the images are, so that no rate is suggested.
    @Test func whatCannotMatterGetsNoSuggestion() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.val = nil
        configuration.boxProbability = 1
        configuration.prompts = .single
        // No object is asked for with a mask.
        configuration.trainOnly = ["prompt_encoder.mask_downscaling"]
        let found = try Trainer.findLearningRate(configuration, steps: 30)
        #expect(found.suggestion == nil && found.ending == .finished)
        #expect(found.points.allSatisfy { $0.change == 0 && $0.loss == $0.startLoss })
        #expect(Set(found.points.map(\.loss)).count > 3)
    }

    /// With f16 a scale that is too large is halved and the rate tried again, as in training.
    @Test func overflowsAreTriedAgain() throws {
        let directory = try TemporaryDirectory()
        var configuration = try TrainingFixture.prepare(in: directory)
        configuration.val = nil
        (configuration.precision, configuration.lossScale) = (.f16, 1e24)
        let found = try Trainer.findLearningRate(configuration, steps: 30)
        #expect(found.skippedSteps > 3 && found.points.count > 15)
        #expect(found.points[0].learningRate == LearningRateSearch.lowestRate && found.points[0].change == 0)
        #expect(found.suggestion != nil, "\(found.smoothed)")
    }

    private func pow10(_ exponent: Int) -> Double { (0..<abs(exponent)).reduce(1.0) { value, _ in value / 10 } }
}
