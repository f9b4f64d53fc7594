/// Where a ``SampleLoader`` stands: all that is needed to go on exactly there, on any machine, with any number of threads
/// and of processes.
///
/// It belongs to the order that was loaded: the same shards, samples, shuffle and repeats.
package struct LoaderState: Sendable, Hashable {
    /// Seed of the order.
    package var seed: UInt64
    /// Pass over the data, from 0.
    package var epoch: Int
    /// Place within the epoch's order: how many of its samples all processes together have delivered or skipped.
    package var position: Int

    package init(seed: UInt64, epoch: Int = 0, position: Int = 0) {
        self.seed = seed
        self.epoch = epoch
        self.position = position
    }
}
