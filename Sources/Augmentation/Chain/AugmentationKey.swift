internal import Runtime

/// What the draws for one sample depend on, and nothing else: not thread, rank or order.
package struct AugmentationKey: Sendable, Hashable {
    package var seed: UInt64
    /// Pass over the data, from 0.
    package var epoch: UInt64
    /// The sample's stable number, not its place in the order of visits.
    package var sample: UInt64

    package init(seed: UInt64, epoch: UInt64 = 0, sample: UInt64) {
        self.seed = seed
        self.epoch = epoch
        self.sample = sample
    }

    private static let stepPurpose = RandomPurpose("augmentation chain: step")
    private static let drawPurpose = RandomPurpose("augmentation chain: draw")

    /// The generator of a chain's step; each step has one of its own, so that a change of one leaves the draws of the
    /// others as they were.
    func random(step: Int) -> CounterRandom {
        var stepSeed = CounterRandom(seed: seed, sample: UInt64(step), purpose: Self.stepPurpose)
        return CounterRandom(seed: stepSeed.next(), epoch: epoch, sample: sample, purpose: Self.drawPurpose)
    }
}

extension CounterRandom {
    private static let nestedPurpose = RandomPurpose("augmentation chain: step within a step")

    /// A generator of its own for what lies within; one draw of this one.
    mutating func nested() -> CounterRandom { CounterRandom(seed: next(), purpose: Self.nestedPurpose) }
}
