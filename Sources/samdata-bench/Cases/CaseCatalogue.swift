/// Everything that the bench can measure.
enum CaseCatalogue {
    /// Every hot path; a new one is a type of its own and a line here.
    private static let types: [any BenchCase.Type] = [
        GEMMCase.self, BatchedProductCase.self, AttentionCase.self, ElementwiseCase.self, MaskLossCase.self,
        AdamWCase.self, EncoderCase.self, TinyViTEncoderCase.self, DecoderCase.self, DecoderEpochCase.self,
        RecipeTrainingCase.self,
        TrainingStepCase.self, CheckpointLoadCase.self, AutomaticMaskCase.self, ParseCase.self, ConvertCase.self,
        EvaluationCase.self,
        AugmentationCase.self, ImageInputCase.self,
        ShardCase.self, MaskCodecCase.self,
    ]

    /// Every case, quick ones first.
    static var all: [any BenchCase] { types.flatMap(cases) }

    /// The names of the groups, each once, in order.
    static var groups: [String] {
        types.map { $0.group }.reduce(into: []) { groups, group in if !groups.contains(group) { groups.append(group) } }
    }

    /// The cases that a name stands for: a case, a group, or `all`.
    static func cases(named name: String) -> [any BenchCase] {
        name == "all" ? all : all.filter { $0.name == name || $0.name.hasPrefix(name + "/") }
    }

    private static func cases(of type: any BenchCase.Type) -> [any BenchCase] {
        func list<Case: BenchCase>(_ type: Case.Type) -> [any BenchCase] { type.all }
        return list(type)
    }
}
