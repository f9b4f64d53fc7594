import Layers
import Testing
import Training

@Suite struct TrainingPlanTests {
    @Test func stepsCoverEveryImage() {
        #expect(TrainingPlan(images: 12, imagesPerStep: 4).stepsPerEpoch == 3)
        #expect(TrainingPlan(images: 13, imagesPerStep: 4).stepsPerEpoch == 4)
        #expect(TrainingPlan(images: 1, imagesPerStep: 4).steps(epochs: 5) == 5)
        #expect(TrainingPlan(images: 12, imagesPerStep: 4).defaultWarmup(epochs: 20) == 3)
        #expect(TrainingPlan(images: 10_000, imagesPerStep: 1).defaultWarmup(epochs: 20) == 250)
    }

    @Test func theScheduleShrinksToWhatFitsTheTime() {
        func epochs(_ seconds: Double) -> Int {
            TrainingPlan.epochs(configured: 20, done: 5, secondsPerEpoch: 2, secondsLeft: seconds)
        }
        #expect(epochs(1000) == 20)
        #expect(epochs(30) == 20)
        #expect(epochs(29) == 19)
        #expect(epochs(1) == 5)
        #expect(epochs(-3) == 5)
    }

    /// Whatever the course, a run that is cut to fewer epochs still ends where the course does, warm-up behind it.
    @Test(arguments: ScheduleKind.allCases, [1, 2, 6, 60])
    func everyCourseFitsTheEpochsThatAreLeft(kind: ScheduleKind, epochs: Int) {
        var configuration = TrainingConfiguration()
        (configuration.schedule, configuration.learningRate, configuration.warmupSteps) = (kind, 1, 50)
        let plan = TrainingPlan(images: 10, imagesPerStep: 4)
        let schedule = LearningRateSchedule(configuration, plan: plan, epochs: epochs)
        let total = plan.steps(epochs: epochs)
        #expect(schedule.warmupSteps == min(50, total / 2) && schedule.totalSteps == total)
        let last = schedule.rate(atStep: total - 1)
        let end =
            switch kind {
            case .constant, .plateau: 1.0
            case .step: 0.01
            case .cosine, .polynomial, .oneCycle: 0.01
            }
        if epochs >= 6 || kind == .oneCycle || kind == .constant { #expect(abs(last - end) < 1e-9, "\(kind) \(last)") }
    }
}
