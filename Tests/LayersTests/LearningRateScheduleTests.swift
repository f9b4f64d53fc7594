import Layers
import Testing

@Suite struct LearningRateScheduleTests {
    /// PyTorch's LinearLR, then CosineAnnealingLR or nothing.
    @Test func agreesWithPyTorch() throws {
        let fixture = try NumberFixture("Layers/schedule.txt")
        for (name, decay) in [
            ("cosine", LearningRateSchedule.Decay.cosine(finalFraction: 0.1)), ("constant", .constant),
        ] {
            let schedule = LearningRateSchedule(baseRate: 8e-4, warmupSteps: 6, totalSteps: 30, decay: decay)
            #expect(relativeError((0..<30).map { Float(schedule.rate(atStep: $0)) }, fixture[name]) < 1e-6)
        }
    }

    @Test func edges() {
        let short = LearningRateSchedule(
            baseRate: 1, warmupSteps: 0, totalSteps: 1, decay: .cosine(finalFraction: 0))
        #expect(short.rate(atStep: 0) == 1)
        let long = LearningRateSchedule(
            baseRate: 1, warmupSteps: 2, totalSteps: 10, decay: .cosine(finalFraction: 0.25))
        #expect(long.rate(atStep: 1) == 1)
        #expect(long.rate(atStep: 2) == 1)
        #expect(long.rate(atStep: 9) == 0.25)
        #expect(long.rate(atStep: 1000) == 0.25)
    }
}
