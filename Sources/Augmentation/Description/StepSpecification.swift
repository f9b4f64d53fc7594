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
    /// In the order of the documentation; `p` comes last. Those of ``NeutralParameter`` are among them.
    package let parameters: [ParameterSpecification]

    package init(_ name: String, _ group: Group, _ summary: String, _ parameters: [ParameterSpecification]) {
        self.name = name
        self.group = group
        self.summary = summary
        let more = NeutralParameter.specifications(of: name).filter { neutral in
            !parameters.contains { $0.name == neutral.name }
        }
        let isLast = parameters.last?.name == "p"
        self.parameters = isLast ? parameters.dropLast() + more + parameters.suffix(1) : parameters + more
    }
}
