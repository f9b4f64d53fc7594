internal import Runtime

/// The stages that files and options can name.
package struct StageCatalogue: Sendable {
    package let types: [any ConfiguredStage.Type]

    package init(_ types: [any ConfiguredStage.Type]) { self.types = types }

    /// samdata's own; a chain with a stage of one's own takes `StageCatalogue(StageCatalogue.builtIn.types + [Mine.self])`.
    package static let builtIn = StageCatalogue([
        FilterStage.self, QualityStage.self, DeduplicateStage.self, CategoriesStage.self, TileStage.self,
        ResizeStage.self, AugmentStage.self, EncodeStage.self, BalanceStage.self,
    ])

    package var names: [String] { types.map { $0.name } }

    /// Makes a stage of its description.
    ///
    /// - Parameter seed: of everything random.
    /// - Throws: `PipelineError.stage` for an unknown name, an unknown setting, or a value that cannot be.
    package func stage(_ description: StageDescription, seed: UInt64 = 0) throws -> any SampleStage {
        guard let type = types.first(where: { $0.name == description.name }) else {
            let names = self.names + PipelineFile.settingStages
            throw PipelineError(
                .stage,
                "there is no stage \"\(description.name)\"; stages are \(names.joined(separator: ", "))."
                    + NameSuggestion.sentence(for: description.name, among: names), location: description.location)
        }
        return try type.init(try StageSettings(description, keys: type.keys, seed: seed))
    }
}
