internal import Annotations
private import Foundation
private import JSONText
internal import Runtime

/// `renamed.jsonl`: a line for each image or class that is written under another name than the labels have. There is no
/// file when all names were kept.
struct RenameFile {
    /// The file's name.
    static let fileName = "renamed.jsonl"

    private let path: String
    private var file: AtomicFileWriter?

    init(directory: String) { path = FileSystem.join(directory, Self.fileName) }

    mutating func add(_ rename: LabelRename) throws {
        let file = try self.file ?? AtomicFileWriter(path: path)
        self.file = file
        let line: JSONValue = [
            "subject": .string(rename.subject.rawValue), "id": .string(rename.id.description),
            "from": .string(rename.from), "to": .string(rename.to),
        ]
        try file.write(line.text() + "\n")
    }

    func finish() throws {
        // That of an earlier conversion would be taken for this one's.
        guard let file else {
            _ = unlink(path)
            return
        }
        try file.commit()
    }
}
