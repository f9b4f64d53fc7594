/// The names by which a model can be asked for: those of the field, and profiles for whoever does not know them.
package enum ModelName {
    /// What somebody wants, and the model that gives it.
    package static let profiles: [(name: String, preset: SAMConfiguration.Preset)] = [
        ("fast", .vitT), ("light", .slimSAM50), ("balanced", .vitB), ("accurate", .vitH),
    ]

    /// All names, profiles first.
    package static var all: [String] { profiles.map(\.name) + SAMConfiguration.Preset.allCases.map(\.rawValue) }

    /// The model of a name, whatever its case; `-` stands for `_`.
    ///
    /// - Returns: nil for a name that is not known; ``sentence`` then says which are.
    package static func preset(_ name: String) -> SAMConfiguration.Preset? {
        let plain = name.lowercased().replacing("-", with: "_")
        return profiles.first { $0.name == plain }?.preset ?? SAMConfiguration.Preset(rawValue: plain)
    }

    /// All names in one sentence.
    package static var sentence: String {
        let profiles = profiles.map { "\($0.name) (\($0.preset.rawValue))" }.joined(separator: ", ")
        let presets = SAMConfiguration.Preset.allCases.map(\.rawValue).joined(separator: ", ")
        return "profiles are \(profiles); models are \(presets)"
    }
}
