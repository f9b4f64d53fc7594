/// A kind of step: its name, parameters and defaults. Messages, the JSON Schema and the documentation are made from it.
package struct StepSpecification: Sendable, Hashable {
    /// What a step changes.
    package enum Group: String, Sendable, Hashable, CaseIterable {
        /// Where pixels, masks and points are.
        case geometry
        /// The values of pixels.
        case pixels
        /// What is in the picture: parts of other samples.
        case mixing
        /// Which other steps are applied.
        case composition
    }

    /// As in albumentations 2.0 where that has it.
    package let name: String
    package let group: Group
    /// One or two sentences.
    package let summary: String
    /// In the order of the documentation; `p` comes last.
    package let parameters: [ParameterSpecification]

    package init(_ name: String, _ group: Group, _ summary: String, _ parameters: [ParameterSpecification]) {
        self.name = name
        self.group = group
        self.summary = summary
        self.parameters = parameters
    }
}
