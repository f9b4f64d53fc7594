private import Foundation
internal import Runtime
internal import Shards

/// What tells one input from another.
enum SourceDigest {
    /// A file's size and SHA-256; of a directory, the bytes of all files and the SHA-256 of its listing, a line
    /// `SIZE PATH` for each file in byte order.
    ///
    /// - Throws: `FileError`.
    static func source(_ path: String) throws -> ShardManifest.Source {
        guard FileSystem.isDirectory(path) else {
            let file = try MappedFile(path: path)
            return file.withBytes {
                ShardManifest.Source(path: path, bytes: $0.count, sha256: SHA256Digest.hex($0))
            }
        }
        let digest = SHA256Stream()
        var total = 0
        try walk(path, below: "") { name, bytes in
            total += bytes
            Array("\(bytes) \(name)\n".utf8).withUnsafeBytes { digest.update($0) }
        }
        return ShardManifest.Source(path: path, bytes: total, sha256: digest.finish())
    }

    private static func walk(_ root: String, below: String, _ visit: (String, Int) -> Void) throws {
        for name in try FileSystem.list(below.isEmpty ? root : FileSystem.join(root, below)) {
            let place = below.isEmpty ? name : below + "/" + name
            var status = stat()
            // Links are not followed: one may lead around in a circle.
            guard lstat(FileSystem.join(root, place), &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try walk(root, below: place, visit)
            case S_IFREG: visit(place, Int(status.st_size))
            default: visit(place, 0)
            }
        }
    }
}
