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

    /// PyTorch's PolynomialLR, MultiStepLR and OneCycleLR.
    @Test func coursesAgreeWithPyTorch() throws {
        let fixture = try NumberFixture("Layers/courses.txt")
        for (name, decay) in [
            ("polynomial", LearningRateSchedule.Decay.polynomial(power: 0.9, finalFraction: 0)),
            ("steps", .steps(at: [0.667, 0.92], factor: 0.1)), ("oneCycle", .oneCycle(finalFraction: 0.01)),
        ] {
            let schedule = LearningRateSchedule(baseRate: 8e-4, warmupSteps: 0, totalSteps: 30, decay: decay)
            #expect(relativeError((0..<30).map { Float(schedule.rate(atStep: $0)) }, fixture[name]) < 1e-6, "\(name)")
        }
    }

    private static let courses: [LearningRateSchedule.Decay] = [
        .constant, .cosine(finalFraction: 0.1), .polynomial(power: 0.9, finalFraction: 0.1),
        .steps(at: [0.5, 0.9], factor: 0.1), .oneCycle(finalFraction: 0.1),
    ]

    /// Every course rises in a line to where it begins, whatever its length, and ends where it should.
    @Test(arguments: courses, [1, 2, 3, 4, 7, 40, 1000])
    func everyCourseWarmsUp(decay: LearningRateSchedule.Decay, total: Int) {
        let warmup = total / 4
        let schedule = LearningRateSchedule(baseRate: 2, warmupSteps: warmup, totalSteps: total, decay: decay)
        let start = if case .oneCycle = decay { 2.0 / 25 } else { 2.0 }
        for step in 0..<warmup {
            #expect(abs(schedule.rate(atStep: step) - start * Double(step + 1) / Double(warmup)) < 1e-12)
        }
        let rates = (0..<total + 5).map { schedule.rate(atStep: $0) }
        #expect(rates.allSatisfy { $0.isFinite && $0 > 0 && $0 <= 2 })
        #expect(rates.suffix(6).allSatisfy { $0 == rates[total - 1] })
        if total >= 40 {
            let end = decay == .constant ? 2 : decay == .steps(at: [0.5, 0.9], factor: 0.1) ? 0.02 : 0.2
            #expect(abs(rates[total - 1] - end) < 1e-9 && (rates.max() ?? 0) > 1.99)
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
