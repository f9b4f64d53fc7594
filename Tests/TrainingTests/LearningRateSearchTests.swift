import Runtime
import TestSupport
import Testing
import Training

@Suite struct LearningRateSearchTests {
    /// A loss that falls between two rates and then explodes.
    private func search(_ loss: (Double) -> Double?, steps: Int = 100) -> LearningRateSearch {
        var search = LearningRateSearch(plannedSteps: steps)
        while search.wantsMore { search.note(loss: loss(search.nextRate)) }
        return search
    }

    @Test func ratesRiseExponentially() {
        let flat = search({ _ in 1 }, steps: 8)
        #expect(flat.points.count == 8 && flat.ending == .finished && flat.suggestion == nil)
        for (point, exponent) in zip(flat.points, -7...0) {
            #expect(abs(point.learningRate / pow10(exponent) - 1) < 1e-9)
            #expect(abs(point.smoothed - 1) < 1e-12)
        }
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

    @Test func whatIsNotFiniteEndsIt() {
        let found = search { $0 < 1e-4 ? 1 : .nan }
        #expect(found.ending == .notFinite && found.points.allSatisfy { $0.learningRate < 1e-4 })
        #expect(search { _ in nil }.points.isEmpty)
    }

    /// Plots of nothing, one point, and a flat line are drawn too.
    @Test func everyPlotIsWellFormed() {
        for found in [search { _ in nil }, search({ _ in 1 }, steps: 2), search { $0 < 1e-3 ? 1 - $0 : 1e9 * $0 }] {
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
        #expect(results[0].suggestion != nil, "\(results[0].points.map(\.smoothed))")
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

    private func pow10(_ exponent: Int) -> Double { (0..<abs(exponent)).reduce(1.0) { value, _ in value / 10 } }
}
