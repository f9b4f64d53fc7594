package import Augmentation
private import Runtime
package import Shards

extension ShardSet {
    /// Samples of the set that steps of an augmentation may take parts of, read when they are wanted.
    ///
    /// - Parameters:
    ///   - indices: numbers of their records.
    ///   - skippingDamaged: take the next one in the place of a sample that cannot be read, which comes up by itself and is
    ///     told of then; else reading it throws.
    ///   - sample: makes of a record what augmentation takes.
    package func partners(
        _ indices: [Int], skippingDamaged: Bool,
        sample: @escaping @Sendable (ShardSample) throws -> AugmentationSample
    ) -> AugmentationPartners {
        AugmentationPartners(count: indices.count) { number in
            var damage: (any Error)?
            for step in 0..<(skippingDamaged ? indices.count : 1) {
                do {
                    return try sample(self.sample(at: indices[(number + step) % indices.count]))
                } catch let error as any OperationError where error.kind == .badInput {
                    damage = damage ?? error
                }
            }
            // Nothing is left that could be lent.
            throw damage ?? AugmentationError(.noPartners, "a step takes parts of other samples, and there are none")
        }
    }
}
