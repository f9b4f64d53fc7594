import Layers
import Testing

@Suite struct LossScaleTests {
    @Test func anOverflowHalvesAndGoodStepsDouble() {
        var scale = LossScale(scale: 1024)
        for _ in 0..<LossScale.growthInterval - 1 { scale.note(isFinite: true) }
        #expect(scale.scale == 1024)
        scale.note(isFinite: false)
        #expect(scale.scale == 512 && scale.goodSteps == 0)
        for _ in 0..<LossScale.growthInterval { scale.note(isFinite: true) }
        #expect(scale.scale == 1024 && scale.goodSteps == 0)
    }

    @Test func boundsHold() {
        var low = LossScale(scale: 1.5)
        #expect(low.mayShrink)
        low.note(isFinite: false)
        #expect(low.scale == 1 && !low.mayShrink)
        for start in [LossScale.largest, 1e30] {
            var high = LossScale(scale: start)
            for _ in 0..<LossScale.growthInterval { high.note(isFinite: true) }
            #expect(high.scale == start)
        }
    }
}
