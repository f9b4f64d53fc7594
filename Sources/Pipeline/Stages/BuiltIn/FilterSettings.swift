/// What a filter lets pass; nil and empty conditions let everything pass.
package struct FilterSettings: Sendable {
    /// What becomes of crowd regions.
    package enum Crowd: String, Sendable, CaseIterable {
        case keep
        case drop
        /// Only they are kept.
        case only
    }

    /// Whether something is kept.
    package enum Fate: String, Sendable, CaseIterable {
        case keep
        case drop
    }

    /// Names or ids; empty for all.
    package var categories: [String] = []
    package var excludedCategories: [String] = []
    /// Pixels of the mask.
    package var minimumArea: Double?
    package var maximumArea: Double?
    /// Pixels of the box's shorter side.
    package var minimumSide: Double?
    /// Pixels of the box's longer side.
    package var maximumSide: Double?
    /// The box's longer side in parts of its shorter one.
    package var maximumAspect: Double?
    package var crowd = Crowd.keep
    /// What becomes of objects that reach the image's edge.
    package var border = Fate.keep
    /// What objects must be like.
    package var condition: Expression?
    /// What images must be like.
    package var imageCondition: Expression?
    /// What becomes of images without an object, after the objects were filtered.
    package var empty = Fate.keep
    /// A report of `samdata audit --json`, and the rules of its findings for which things are left out; empty for all
    /// errors.
    package var audit: String?
    package var auditRules: [String] = []

    package init() {}
}
