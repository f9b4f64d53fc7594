/// Where an update of low rank belongs: at the weight of a linear layer, or at the rows of it that make the queries, the
/// keys or the values of the image encoder's attention, which are one matrix in SAM.
package struct AdapterSite: Sendable, Hashable {
    /// The rows of an attention's joint weight.
    package enum Part: String, Sendable, Hashable, CaseIterable {
        case q
        case k
        case v

        /// Place among the three.
        fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// Name of the weight, such as `image_encoder.blocks.0.attn.qkv.weight`.
    package let weight: String
    /// The rows that are meant, or nil for all.
    package let part: Part?

    package init(weight: String, part: Part? = nil) {
        self.weight = weight
        self.part = part
    }

    /// What names of the update's parameters begin with: `image_encoder.blocks.0.attn.qkv.q`.
    private var stem: String {
        let layer = weight.hasSuffix(".weight") ? String(weight.dropLast(".weight".count)) : weight
        return part.map { "\(layer).\($0.rawValue)" } ?? layer
    }

    /// Name of the matrix A, [r, in], as in PEFT: the layer's, and `lora_A.weight`.
    package var nameOfA: String { stem + ".lora_A.weight" }
    /// Name of the matrix B, [rows, r].
    package var nameOfB: String { stem + ".lora_B.weight" }

    /// End of the names of the encoder's joint weights.
    package static let jointSuffix = ".attn.qkv.weight"

    /// Whether a weight makes queries, keys and values at once.
    package static func isJoint(_ weight: String) -> Bool {
        weight.hasPrefix("image_encoder.") && weight.hasSuffix(jointSuffix)
    }

    /// The rows of the weight that are meant.
    ///
    /// SAM's and EfficientSAM's weights hold all queries, then all keys, then all values; TinyViT's the queries, keys and
    /// values of one head after the other.
    ///
    /// - Parameters:
    ///   - rows: rows of the weight.
    ///   - configuration: of the weight's model.
    /// - Returns: nil where the weight has no such rows.
    package func rows(of rows: Int, in configuration: SAMConfiguration) -> [Range<Int>]? {
        guard let part else { return [0..<rows] }
        guard Self.isJoint(weight) else { return nil }
        var heads = 1
        if case .tinyViT(let vit) = configuration.encoder {
            guard let stage = weight.split(separator: ".").dropFirst(2).first.flatMap({ Int($0) }),
                vit.numHeads.indices.contains(stage)
            else { return nil }
            heads = vit.numHeads[stage]
        }
        guard heads > 0, rows % (3 * heads) == 0 else { return nil }
        let width = rows / (3 * heads)
        return (0..<heads).map { head in
            let start = (3 * head + part.index) * width
            return start..<start + width
        }
    }
}
