/// The samples that a step may take parts of: copy-paste, mosaic.
package struct AugmentationPartners: Sendable {
    /// How many there are to choose from.
    package let count: Int
    /// One of them; the same at every call, from any thread.
    package let sample: @Sendable (Int) throws -> AugmentationSample

    package init(count: Int, sample: @escaping @Sendable (Int) throws -> AugmentationSample) {
        precondition(count >= 0, "\(count) partners")
        self.count = count
        self.sample = sample
    }

    /// No partners.
    package static let none = AugmentationPartners(count: 0) { preconditionFailure("there is no partner \($0)") }
}
