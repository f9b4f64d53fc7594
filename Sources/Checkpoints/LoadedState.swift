/// What one of the formats made of its files, before names are cleaned.
struct LoadedState {
    /// The kind of file.
    let format: CheckpointReport.Format
    /// The files that were read.
    let files: [String]
    /// The tensors.
    let state: StateDict
    /// Keys of dictionaries around the tensors.
    var unwrapped: [String] = []
    /// What was left out, as far as it is listed.
    var ignored: [CheckpointReport.Ignored] = []
    /// Number of things left out.
    var ignoredCount = 0
}
