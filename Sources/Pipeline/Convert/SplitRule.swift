internal import Annotations
private import Foundation
private import JSONText
private import Runtime

/// How images are dealt out to parts such as `train` and `val`: by a hash of each image's name or group, so that adding
/// images moves none of the others; or stratified by class.
///
/// A hash's draw is `int(sha256(f"{seed}/{key}")[:16], 16) / 2^64`, its key the file name or the group.
package struct SplitRule: Sendable, Hashable {
    /// What stays together.
    package enum Group: Sendable, Hashable {
        /// Each image by itself.
        case image
        /// All images of one folder, such as the frames of one video or the slides of one patient.
        case folder
        /// All images with one value of a member of their entry in the labels, such as `video_id`.
        case field(String)
        /// All images whose names agree in what the regular expression matches, or its first group.
        case pattern(String)
    }

    /// How parts are filled.
    package enum Method: String, Sendable, Hashable, CaseIterable {
        /// By hash: shares are kept on average, and no image ever moves.
        case hash
        /// Every class in the same shares, as far as images allow (Sechidis et al. 2011). Where an image goes depends on all
        /// others, so images move when others are added, unless a split file holds them: that of the conversion before.
        case stratified
    }

    /// One part.
    package struct Part: Sendable, Hashable {
        package let name: String
        /// Its share of all images, 0...1.
        package let share: Double
    }

    package let parts: [Part]
    package var group: Group
    package let seed: UInt64
    package var method = Method.hash
    /// A file that says of some images which part they are in, as ``SplitFile`` reads it.
    package var previousFile: String?

    /// Reads `train=0.8,val=0.2`.
    ///
    /// - Throws: `PipelineError.split` when a part has no valid name or share, the shares do not add up to 1, or the
    ///   group's expression is none.
    package init(_ text: String, group: Group = .image, seed: UInt64) throws(PipelineError) {
        var parts: [(name: String, share: Double)] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let fields = part.split(separator: "=", omittingEmptySubsequences: false)
            guard fields.count == 2, let share = Double(fields[1]) else {
                throw PipelineError(
                    .split, "\"\(part)\" is not NAME=SHARE with a share above 0 and up to 1, as in train=0.8,val=0.2")
            }
            parts.append((String(fields[0]), share))
        }
        try self.init(parts, group: group, seed: seed)
    }

    /// - Throws: `PipelineError.split` as for text.
    package init(
        _ shares: [(name: String, share: Double)], group: Group = .image, seed: UInt64
    ) throws(PipelineError) {
        var parts: [Part] = []
        for (name, share) in shares {
            guard share > 0, share <= 1 else {
                throw PipelineError(
                    .split,
                    "\"\(name)=\(share)\" is not NAME=SHARE with a share above 0 and up to 1, as in train=0.8,val=0.2"
                )
            }
            guard Self.isValid(name), !parts.contains(where: { $0.name == name }) else {
                throw PipelineError(
                    .split, "\"\(name)\" is not a part's name: letters, digits, '-', '_' and '.', each name once")
            }
            parts.append(Part(name: name, share: share))
        }
        let sum = parts.reduce(0) { $0 + $1.share }
        guard abs(sum - 1) < 1e-6 else {
            throw PipelineError(
                .split, "the shares of \"\(parts.map(\.name).joined(separator: ","))\" add up to \(sum), not to 1")
        }
        if case .pattern(let pattern) = group, (try? NSRegularExpression(pattern: pattern)) == nil {
            throw PipelineError(.split, "\"\(pattern)\" is not a regular expression")
        }
        self.parts = parts
        self.group = group
        self.seed = seed
    }

    /// Numbers of the parts that are trained on, which balancing may change: those whose names begin with `train`; where
    /// there is none, the first that is not called after validation or a test.
    package var trainedParts: Set<Int> {
        let names = parts.map { $0.name.lowercased() }
        let named = names.indices.filter { names[$0].hasPrefix("train") }
        if !named.isEmpty { return Set(named) }
        return Set(names.indices.filter { !Self.untrained.contains(names[$0]) }.prefix(1))
    }

    private static let untrained: Set<String> = [
        "val", "valid", "validation", "test", "testing", "dev", "eval", "holdout",
    ]

    private static func isValid(_ name: String) -> Bool {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
        return !name.isEmpty && name.allSatisfy { allowed.contains($0) } && !name.hasPrefix(".")
    }

    /// Whether groups are made of members of the images that are otherwise not kept.
    package var needsExtra: Bool { if case .field = group { true } else { false } }

    /// The number of the part that an image belongs to, of all the same name or folder.
    package func part(of fileName: String) -> Int {
        part(drawing: group == .folder ? FileSystem.folder(of: fileName) : fileName)
    }

    /// The number of the part that a hash draws for a key.
    func part(drawing key: String) -> Int {
        let draw = draw(key)
        var bound = 0.0
        for (index, part) in parts.enumerated() {
            bound += part.share
            if draw < bound { return index }
        }
        return parts.count - 1
    }

    /// A number in 0 ..< 1 that depends on seed and key alone.
    func draw(_ key: String) -> Double {
        let digest = SHA256Digest.hex(Array("\(seed)/\(key)".utf8))
        return Double(UInt64(digest.prefix(16), radix: 16) ?? 0) * 0x1p-64
    }

    /// The keys of images: those with the same key stay together. Nil for an image that has none.
    func keys(of images: [COCOImage]) throws -> [String?] {
        switch group {
        case .image: return images.map(\.fileName)
        case .folder: return images.map { FileSystem.folder(of: $0.fileName) }
        case .field(let name): return images.map { Self.value(of: name, in: $0) }
        case .pattern(let pattern):
            let expression = try NSRegularExpression(pattern: pattern)
            return images.map { image in
                let name = image.fileName as NSString
                guard
                    let match = expression.firstMatch(
                        in: image.fileName, range: NSRange(location: 0, length: name.length))
                else { return nil }
                let range = match.numberOfRanges > 1 ? match.range(at: 1) : match.range
                return range.location == NSNotFound ? nil : name.substring(with: range)
            }
        }
    }

    /// A member of an image as text.
    private static func value(of name: String, in image: COCOImage) -> String? {
        switch name {
        case "id": return image.id.description
        case "file_name": return image.fileName
        case "width": return image.width.map(String.init)
        case "height": return image.height.map(String.init)
        default: break
        }
        guard let value = try? image.extra[name]?.parsed(), !value.isNull else { return nil }
        return value.string ?? value.text()
    }
}

extension SplitRule.Group: RawRepresentable {
    /// `image`, `folder`, `field:NAME`, `regex:EXPRESSION`.
    package var rawValue: String {
        switch self {
        case .image: "image"
        case .folder: "folder"
        case .field(let name): "field:" + name
        case .pattern(let pattern): "regex:" + pattern
        }
    }

    package init?(rawValue: String) {
        switch rawValue {
        case "image": self = .image
        case "folder": self = .folder
        default:
            if rawValue.hasPrefix("field:"), rawValue.count > 6 {
                self = .field(String(rawValue.dropFirst(6)))
            } else if rawValue.hasPrefix("regex:"), rawValue.count > 6 {
                self = .pattern(String(rawValue.dropFirst(6)))
            } else {
                return nil
            }
        }
    }
}
