private import Checkpoints
private import Foundation
private import Images
private import JSONText
private import Runtime
private import SAM
private import Shards

/// What kind of thing an input is, told by its content.
enum InspectedKind: String, Sendable, Hashable, CaseIterable {
    /// A PNG, JPEG or TIFF file.
    case image
    /// A COCO file of instances.
    case coco
    /// A directory of shards with its manifest, the manifest itself, or one `.tfrecord` file.
    case shards
    /// A file of tensors (safetensors, PyTorch), a Hugging Face folder, a training checkpoint's folder, or a training run.
    case checkpoint

    /// - Throws: `FileError` when there is nothing at `path`; `InspectError` for what is none of these.
    init(path: String) throws {
        if ShardSet.isRemote(path) {
            // On web servers there is nothing else that is read.
            self = .shards
        } else if FileSystem.isDirectory(path) {
            self = try Self.kind(ofDirectory: path)
        } else {
            let file = try MappedFile(path: path)
            self = try file.withBytes { try Self.kind(ofFile: $0, path: path) }
        }
    }

    private static func kind(ofDirectory path: String) throws -> InspectedKind {
        func has(_ name: String) -> Bool { FileSystem.exists(FileSystem.join(path, name)) }
        if has(ShardManifest.fileName) { return .shards }
        let weights = CheckpointFile.folderFiles + [AdapterCheckpoint.fileName]
        if has("checkpoints") || weights.contains(where: has) { return .checkpoint }
        // The parts of a split: opening the shards tells which folders are meant.
        let names = (try? FileSystem.list(path)) ?? []
        if names.contains(where: { has(FileSystem.join($0, ShardManifest.fileName)) }) { return .shards }
        throw InspectError(
            .unknownKind,
            "the directory has neither a manifest.json (shards) nor weights or checkpoints (training)",
            path: path)
    }

    private static func kind(ofFile bytes: UnsafeRawBufferPointer, path: String) throws -> InspectedKind {
        if bytes.isEmpty { throw InspectError(.unknownKind, "the file is empty", path: path) }
        if ImageFormat(signatureOf: bytes) != nil { return .image }
        if CheckpointFile.isLikely(bytes) || path.hasSuffix(".safetensors.index.json") { return .checkpoint }
        if path.hasSuffix(".tfrecord") { return .shards }
        if [".safetensors", ".pth", ".pt", ".bin"].contains(where: { path.hasSuffix($0) }) { return .checkpoint }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        if text.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{") {
            return try kind(ofJSON: bytes, path: path)
        }
        throw InspectError(
            .unknownKind, "the file is neither PNG, JPEG, COCO JSON, TFRecord, safetensors nor PyTorch", path: path)
    }

    /// Looks at the top level's keys only; what stands below them is stepped over.
    private static func kind(ofJSON bytes: UnsafeRawBufferPointer, path: String) throws -> InspectedKind {
        var parser = JSONPullParser(bytes, path: path, acceptsNonFinite: true)
        var keys: [String] = []
        try parser.beginObject()
        while let key = try parser.nextKey() {
            let name = parser.name(of: key)
            switch name {
            case "images", "annotations", "categories": return .coco
            case "shards": return .shards
            default: keys.append(name)
            }
            _ = try parser.skipValue()
        }
        let seen = keys.isEmpty ? "no keys" : "the keys " + keys.prefix(5).joined(separator: ", ")
        throw InspectError(
            .unknownKind, "the JSON object is neither a COCO file nor a shard manifest; it has \(seen)", path: path)
    }
}

extension CheckpointFile {
    /// Whether the first bytes can be those of a checkpoint: the length of a safetensors header and its brace, a zip
    /// archive, or a pickle.
    fileprivate static func isLikely(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) || bytes.starts(with: [0x80, 0x02]) { return true }
        guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
        return UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)) <= UInt64(SafeTensorsHeader.maximumBytes)
    }
}
