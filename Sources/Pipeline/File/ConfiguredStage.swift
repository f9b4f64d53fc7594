/// A stage that files and options can name.
package protocol ConfiguredStage: SampleStage {
    /// As in files, such as `filter`.
    static var name: String { get }
    /// The names of its settings.
    static var keys: [String] { get }

    /// - Throws: `PipelineError` for settings that cannot be.
    init(_ settings: StageSettings) throws
}

extension ConfiguredStage {
    package var name: String { Self.name }
}
