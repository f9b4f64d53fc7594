internal import Annotations
private import Runtime

/// Finds the categories that a setting means.
enum CategoryNames {
    /// The categories with a name, or else with an id.
    ///
    /// - Throws: `PipelineError.stage` when there is none.
    static func matching(
        _ text: String, in categories: [COCOCategory], stage: String
    ) throws(PipelineError) -> [COCOCategory] {
        let named = categories.filter { $0.name == text }
        if !named.isEmpty { return named }
        let numbered = categories.filter { $0.id.description == text }
        if !numbered.isEmpty { return numbered }
        let names = categories.map(\.name)
        throw PipelineError(
            .stage,
            "\(stage): no category is called \"\(text)\"; there are \(names.prefix(20).joined(separator: ", "))\(names.count > 20 ? ", …" : "")."
                + NameSuggestion.sentence(for: text, among: names))
    }
}
