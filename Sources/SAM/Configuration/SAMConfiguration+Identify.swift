package import Checkpoints
private import JSONText

extension SAMConfiguration {
    /// The metadata key under which the configuration is stored in our checkpoints.
    package static let metadataKey = "samdata.configuration"

    /// The configuration of the model that a checkpoint holds: as its metadata states it, or else from the shapes of
    /// its tensors.
    ///
    /// Shapes leave three things open, which are then taken as in the reference: the two-way transformer has 8 heads,
    /// images are prepared as is usual for the family, and a block whose tables are shorter than others' attends in
    /// windows.
    ///
    /// - Throws: `SAMError.family` when the tensors are of no family that is known, `.configuration` when the dimensions
    ///   contradict each other or the tensors.
    package static func identify(from state: StateDict) throws(SAMError) -> SAMConfiguration {
        let configuration: SAMConfiguration
        if let text = state.metadata[metadataKey] {
            configuration = try SAMConfiguration(metadata: text)
        } else {
            configuration = try ShapeReader(state: state).configuration()
        }
        try configuration.check(against: state)
        return configuration
    }

    /// The text that ``metadataKey`` holds.
    package var metadataText: String { json.text(pretty: false) }

    private init(metadata text: String) throws(SAMError) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONDocument.parse(text)
        } catch {
            throw SAMError(.configuration, "the metadata \(Self.metadataKey) is not JSON", cause: error)
        }
        try self.init(json: json)
    }

    /// Demands that every tensor of the model is there in its shape; others are no concern here, but named beside them.
    private func check(against state: StateDict) throws(SAMError) {
        let mismatch = ParameterMismatch(of: tensorShapes.map { (name: $0.name, shape: $0.shape) }, to: state)
        guard mismatch.missing.isEmpty && mismatch.misshaped.isEmpty else {
            throw SAMError(
                .configuration,
                "the tensors do not fit the model that they are taken for, \(modelName)\n  \(mismatch)")
        }
    }
}
