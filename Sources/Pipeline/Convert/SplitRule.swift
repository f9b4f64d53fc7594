private import Foundation
private import Runtime

/// How images are dealt out to parts such as `train` and `val`: by a hash of each image's name, so that adding images
/// moves none of the others.
///
/// An image's draw is `int(sha256(f"{seed}/{key}")[:16], 16) / 2^64`, its key the file name or the folder.
package struct SplitRule: Sendable, Hashable {
    /// What stays together.
    package enum Group: String, Sendable, Hashable, CaseIterable {
        /// Each image by itself.
        case image
        /// All images of one folder, such as the frames of one video or the slides of one patient.
        case folder
    }

    /// One part.
    package struct Part: Sendable, Hashable {
        package let name: String
        /// Its share of all images, 0...1.
        package let share: Double
    }

    package let parts: [Part]
    package let group: Group
    package let seed: UInt64

    /// Reads `train=0.8,val=0.2`.
    ///
    /// - Throws: `PipelineError.split` when a part has no valid name or share, or the shares do not add up to 1.
    package init(_ text: String, group: Group = .image, seed: UInt64) throws(PipelineError) {
        var parts: [Part] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let fields = part.split(separator: "=", omittingEmptySubsequences: false)
            guard fields.count == 2, let share = Double(fields[1]), share > 0, share <= 1 else {
                throw PipelineError(
                    .split, "\"\(part)\" is not NAME=SHARE with a share above 0 and up to 1, as in train=0.8,val=0.2")
            }
            let name = String(fields[0])
            guard Self.isValid(name), !parts.contains(where: { $0.name == name }) else {
                throw PipelineError(
                    .split, "\"\(name)\" is not a part's name: letters, digits, '-', '_' and '.', each name once")
            }
            parts.append(Part(name: name, share: share))
        }
        let sum = parts.reduce(0) { $0 + $1.share }
        guard abs(sum - 1) < 1e-6 else {
            throw PipelineError(.split, "the shares of \"\(text)\" add up to \(sum), not to 1")
        }
        self.parts = parts
        self.group = group
        self.seed = seed
    }

    private static func isValid(_ name: String) -> Bool {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
        return !name.isEmpty && name.allSatisfy { allowed.contains($0) } && !name.hasPrefix(".")
    }

    /// The number of the part that an image belongs to.
    package func part(of fileName: String) -> Int {
        let key: String =
            switch group {
            case .image: fileName
            case .folder: (fileName as NSString).deletingLastPathComponent
            }
        let digest = SHA256Digest.hex(Array("\(seed)/\(key)".utf8))
        let draw = Double(UInt64(digest.prefix(16), radix: 16) ?? 0) * 0x1p-64
        var bound = 0.0
        for (index, part) in parts.enumerated() {
            bound += part.share
            if draw < bound { return index }
        }
        return parts.count - 1
    }
}
