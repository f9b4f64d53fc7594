internal import Annotations
private import Foundation
internal import JSONText
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
            try file.write(JSONValue.object(loss.members).text() + "\n")
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

extension ObjectLoss {
    /// As an object's members: what a line of the file says.
    var members: [JSONMember] {
        var members = [
            JSONMember("image_id", .string(imageID.description)),
            JSONMember("annotation_id", .string(annotationID.description)), JSONMember("loss", .string(kind.rawValue)),
            JSONMember("iou", .number(overlap)),
        ]
        if !names.isEmpty { members.append(JSONMember("members", .array(names.map { .string($0) }))) }
        return members
    }
}
