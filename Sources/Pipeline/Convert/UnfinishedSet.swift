internal import Annotations
internal import Runtime

/// A set that a conversion has left which was killed, or met a full disk: what is there reads as if it were all.
enum UnfinishedSet {
    /// - Parameters:
    ///   - input: a set's folder, or a file in it.
    ///   - output: of the conversion that reads it, which may itself be on its way in the same folder.
    static func findings(_ input: String, output: String) -> [LabelFinding] {
        let folder = FileSystem.isDirectory(input) ? input : FileSystem.folder(of: input)
        // The parts of a split lie one folder below.
        let isPart = !FileSystem.exists(FileSystem.join(folder, FolderWalk.recordName))
        for place in [folder] + (isPart ? [FileSystem.join(folder, "..")] : []) where !FileSystem.isSame(place, output)
        {
            guard let names = try? ConversionJournal.names(in: place), !names.isEmpty else { continue }
            return [
                LabelFinding(
                    Finding(
                        rule: LabelRule.unfinished, severity: .error, location: DataLocation(path: place),
                        message:
                            "a conversion into this folder did not end, and what is missing is not known; --resume ends it"
                    ), isPartLost: true)
            ]
        }
        return []
    }
}
