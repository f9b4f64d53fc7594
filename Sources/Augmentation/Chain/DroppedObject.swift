/// An object that a chain left nothing of, or too little.
package struct DroppedObject: Sendable, Hashable {
    /// Why; the raw values are rule ids.
    package enum Rule: String, Sendable, Hashable, CaseIterable {
        /// No pixel of it is in the frame any more.
        case outside = "augment.outside"
        /// What was pasted, or a hole, covers it.
        case covered = "augment.covered"
        /// Fewer pixels than asked for are left.
        case area = "augment.area"
        /// A smaller share of it than asked for is seen.
        case visibility = "augment.visibility"
        /// A side of its box is shorter than asked for.
        case side = "augment.side"
    }

    package var rule: Rule
    /// As ``AugmentedObject/partner``.
    package var partner: Int?
    /// As ``AugmentedObject/index``.
    package var index: Int
    /// Pixels that were left.
    package var area: Int
}
