/// Which sample of which epoch a transform works on; with the seed, the key of all its randomness.
package struct SamplePlace: Sendable, Hashable {
    /// Pass over the data, from 0.
    package let epoch: Int
    /// Place in the epoch's order, from 0.
    package let position: Int
    /// The sample's number in its set, whatever the order.
    package let index: Int

    package init(epoch: Int, position: Int, index: Int) {
        self.epoch = epoch
        self.position = position
        self.index = index
    }
}
