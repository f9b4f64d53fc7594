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
}
