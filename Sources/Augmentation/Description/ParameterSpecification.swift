/// One parameter of a step: its name, what it may be, and what it is when not stated.
package struct ParameterSpecification: Sendable, Hashable {
    package let name: String
    package let kind: ParameterKind
    /// Nil when it must be stated; ``AugmentationValue/null`` when nothing stands for itself.
    package let defaultValue: AugmentationValue?
    /// One sentence.
    package let summary: String

    package init(_ name: String, _ kind: ParameterKind, _ defaultValue: AugmentationValue?, _ summary: String) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.summary = summary
    }

    /// The chance that a step is applied at all.
    static func probability(_ value: Double) -> ParameterSpecification {
        ParameterSpecification("p", .number(0...1), .number(value), "Chance that the step is applied.")
    }

    /// The colour of what no source pixel covers.
    static let fill = ParameterSpecification("fill", .colour, 0, "Colour where the source has no pixel.")
}
