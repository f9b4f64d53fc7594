internal import Annotations
private import Foundation
private import JSONText
internal import Runtime

/// `losses.jsonl`: a line for each object of which the target's format could not hold everything. There is no file when
/// nothing was lost.
struct LossFile {
    /// The file's name.
    static let fileName = "losses.jsonl"

    private let path: String
    private var file: AtomicFileWriter?
    /// Losses so far.
    private(set) var counts: [ObjectLoss.Kind: Int] = [:]

    init(directory: String) { path = FileSystem.join(directory, Self.fileName) }

    mutating func add(_ losses: [ObjectLoss]) throws {
        for loss in losses {
            counts[loss.kind, default: 0] += 1
            let file = try self.file ?? AtomicFileWriter(path: path)
            self.file = file
            let line: JSONValue = [
                "image_id": .string(loss.imageID.description), "annotation_id": .string(loss.annotationID.description),
                "loss": .string(loss.kind.rawValue), "iou": .number(loss.overlap),
            ]
            try file.write(line.text() + "\n")
        }
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
