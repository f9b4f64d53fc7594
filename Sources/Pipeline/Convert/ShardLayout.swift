internal import Annotations
private import Foundation
internal import Runtime
internal import Shards

/// Which images go into which shard, decided before the first is written, so that shards can be written and resumed one
/// by one and their names can state their number.
struct ShardLayout: Sendable {
    /// One shard to be.
    struct Shard: Sendable {
        /// Position in ``parts``.
        let part: Int
        let name: ShardFileName
        /// Positions in the set's images.
        let images: [Int]
    }

    /// One set of shards to be.
    struct Part: Sendable {
        /// The set's name, and its directory's below the output; the output itself when there is no split.
        let name: String
        let directory: String
    }

    /// What is known of an image's file without opening it.
    struct File: Sendable {
        /// Nil when there is no such file.
        let bytes: Int?
        let modified: Int
    }

    let parts: [Part]
    let shards: [Shard]
    /// Images without a file, by part; they are dropped before any shard is written.
    let missingImages: [[Int]]
    /// By position in the set's images.
    let files: [File]
    /// By position in the set's images.
    let partOfImage: [Int]

    /// The name of the set when there is no split.
    static let wholeName = "data"

    /// - Parameters:
    ///   - parts: for each image the number of its part.
    ///   - estimates: about how many bytes the records of each image will have; nil for those of its file.
    init(
        _ labels: LabelSet, files: [File], options: ConversionOptions, parts partOfImage: [Int], estimates: [Int]?
    ) {
        let names = options.split?.parts.map(\.name)
        parts =
            names?.map { Part(name: $0, directory: FileSystem.join(options.output, $0)) }
            ?? [Part(name: Self.wholeName, directory: options.output)]
        var members = [[Int]](repeating: [], count: parts.count)
        var missing = members
        for (index, part) in partOfImage.enumerated() {
            if files[index].bytes == nil { missing[part].append(index) } else { members[part].append(index) }
        }
        var shards: [Shard] = []
        for (part, images) in members.enumerated() {
            let cuts = Self.cut(images, limit: options.shardBytes) {
                estimates?[$0] ?? (files[$0].bytes ?? 0)
                    + Self.overhead(objects: labels.source.annotationCount(ofImage: $0) ?? 0)
            }
            for (index, images) in cuts.enumerated() {
                let name = ShardFileName(name: parts[part].name, index: index, count: cuts.count)
                shards.append(Shard(part: part, name: name, images: images))
            }
        }
        self.shards = shards
        missingImages = missing
        self.files = files
        self.partOfImage = partOfImage
    }

    /// About how many bytes a record has beside its image; exact sizes are not needed, equal ones on every run are.
    static func overhead(objects: Int) -> Int { 700 + 150 * objects }

    /// What is known of each image's file.
    ///
    /// - Throws: what the source throws.
    static func files(of labels: LabelSet) throws -> [File] {
        try labels.images.indices.map { index in
            if let bytes = try labels.source.encodedImageBytes(at: index) { return File(bytes: bytes, modified: 0) }
            return File(path: labels.path(ofImage: index).path)
        }
    }

    private static func cut(_ images: [Int], limit: Int, bytes: (Int) -> Int) -> [[Int]] {
        var cuts: [[Int]] = []
        var filled = 0
        for image in images {
            let size = bytes(image)
            if cuts.isEmpty || filled + size > limit {
                cuts.append([])
                filled = 0
            }
            cuts[cuts.count - 1].append(image)
            filled += size
        }
        return cuts
    }
}

extension ShardLayout.File {
    init(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            self.init(bytes: nil, modified: 0)
            return
        }
        self.init(
            bytes: Int(status.st_size),
            modified: Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec))
    }
}
