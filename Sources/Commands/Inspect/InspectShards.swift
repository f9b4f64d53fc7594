internal import JSONText
private import Runtime
private import Shards

extension InspectCommand {
    /// A set of shards, by what its manifest says, or a single TFRecord file.
    static func inspectShards(_ request: InspectionRequest) throws -> Inspection {
        guard request.record == nil, !request.wantsPicture else {
            throw InspectError(
                .notApplicable, "--record and --picture are for images and COCO files", path: request.path)
        }
        if request.path.hasSuffix(".tfrecord") { return try inspectRecordFile(request.path) }
        let set = try ShardSet(path: request.path)
        return Inspection(
            text: [
                "shards:   \(set.manifest.shards.count) (\(ByteSize(bytes: set.manifest.byteCount)))",
                "records:  \(set.count)", "objects:  \(set.manifest.objectCount)",
                "classes:  \(set.classes.map(\.name).joined(separator: ", "))",
            ].joined(separator: "\n"),
            members: [
                JSONMember("shards", .integer(Int64(set.manifest.shards.count))),
                JSONMember("bytes", .integer(Int64(set.manifest.byteCount))),
                JSONMember("records", .integer(Int64(set.count))),
                JSONMember("objects", .integer(Int64(set.manifest.objectCount))),
                JSONMember("classes", .array(set.classes.map { .string($0.name) })),
            ])
    }

    private static func inspectRecordFile(_ path: String) throws -> Inspection {
        let file = try RecordFile(path: path)
        return Inspection(
            text: "TFRecord file:  \(file.count) records, \(ByteSize(bytes: file.byteCount))",
            members: [
                JSONMember("shards", 1), JSONMember("bytes", .integer(Int64(file.byteCount))),
                JSONMember("records", .integer(Int64(file.count))),
            ])
    }
}
