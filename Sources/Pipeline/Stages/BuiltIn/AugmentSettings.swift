package import Augmentation

/// How samples are augmented before they are written.
package struct AugmentSettings: Sendable {
    package var chain: AugmentationChain
    /// The chain's steps in words.
    package var names: [String] = []
    package var seed: UInt64 = 0
    /// Augmented samples made of each sample.
    package var variants = 1
    /// Whether the sample itself goes on as well.
    package var keepsOriginal = true
    /// Names of the split's parts that are augmented, or `all`; empty for those that are trained on.
    package var parts: [String] = []
    /// Names or ids of the categories whose objects other samples lend to steps that paste; empty for all.
    package var pastedCategories: [String] = []
    /// Classes of fewer objects than this are lent as well.
    package var pastesRarerThan: Int?

    package init(chain: AugmentationChain) { self.chain = chain }
}
