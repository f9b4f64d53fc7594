private import Runtime
private import Synchronization

/// The names of all files below the images' directory, listed when the first name is no file's.
package final class ImageNames: Sendable {
    private let directory: String
    private let index = Mutex<FileNameIndex?>(nil)

    package init(directory: String) { self.directory = directory }

    /// The file whose name differs from `name` in case, or in how accents are composed, alone; nil when there is none, or
    /// several.
    package func match(_ name: String) -> FileNameIndex.Match? {
        let index = index.withLock { known in
            let made = known ?? FileNameIndex(paths: (try? FolderWalk(root: directory).files) ?? [])
            known = made
            return made
        }
        return index.match(name).flatMap { [LabelRule.nameCase, LabelRule.nameForm].contains($0.rule) ? $0 : nil }
    }
}
