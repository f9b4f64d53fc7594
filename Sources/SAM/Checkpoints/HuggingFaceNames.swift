/// Parameter names as Hugging Face `transformers` has them in `SamModel`, and as the reference implementation has them.
///
/// Source: the names of the two state dicts, side by side.
enum HuggingFaceNames {
    /// Beginnings of a name: the reference's, then Hugging Face's.
    private static let beginnings: [(reference: String, huggingFace: String)] = [
        ("image_encoder.patch_embed.proj.", "vision_encoder.patch_embed.projection."),
        ("image_encoder.neck.0.", "vision_encoder.neck.conv1."),
        ("image_encoder.neck.1.", "vision_encoder.neck.layer_norm1."),
        ("image_encoder.neck.2.", "vision_encoder.neck.conv2."),
        ("image_encoder.neck.3.", "vision_encoder.neck.layer_norm2."),
        ("image_encoder.blocks.", "vision_encoder.layers."),
        ("image_encoder.", "vision_encoder."),
        ("prompt_encoder.mask_downscaling.0.", "prompt_encoder.mask_embed.conv1."),
        ("prompt_encoder.mask_downscaling.1.", "prompt_encoder.mask_embed.layer_norm1."),
        ("prompt_encoder.mask_downscaling.3.", "prompt_encoder.mask_embed.conv2."),
        ("prompt_encoder.mask_downscaling.4.", "prompt_encoder.mask_embed.layer_norm2."),
        ("prompt_encoder.mask_downscaling.6.", "prompt_encoder.mask_embed.conv3."),
        ("prompt_encoder.point_embeddings.", "prompt_encoder.point_embed."),
        (positionMatrix, sharedPosition),
        ("mask_decoder.output_upscaling.0.", "mask_decoder.upscale_conv1."),
        ("mask_decoder.output_upscaling.1.", "mask_decoder.upscale_layer_norm."),
        ("mask_decoder.output_upscaling.3.", "mask_decoder.upscale_conv2."),
        ("mask_decoder.transformer.norm_final_attn.", "mask_decoder.transformer.layer_norm_final_attn."),
    ]

    private static let positionMatrix = "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"
    private static let sharedPosition = "shared_image_embedding.positional_embedding"
    /// The second name of the same matrix, which some files hold beside the first or alone.
    private static let tiedPosition = "prompt_encoder.shared_embedding.positional_embedding"

    /// Whether names are Hugging Face's.
    static func areUsed(in names: [String]) -> Bool { names.contains { $0.hasPrefix("vision_encoder.") } }

    /// The reference's name.
    ///
    /// - Parameters:
    ///   - name: Hugging Face's.
    ///   - layers: how many tensors `weight` the hidden `layers` of a perceptron have, by its path.
    static func reference(_ name: String, hiddenLayers layers: [String: Int]) -> String {
        if name == tiedPosition { return positionMatrix }
        var result = name
        if let pair = beginnings.first(where: { name.hasPrefix($0.huggingFace) }) {
            result = pair.reference + name.dropFirst(pair.huggingFace.count)
        }
        result = withNorms(result, from: "layer_norm", to: "norm")
        return perceptron(in: name).map { path, layer, rest in
            let index =
                switch layer {
                case "proj_in": 0
                case "proj_out": 1 + (layers[path] ?? 0)
                default: 1 + (Int(layer) ?? 0)
                }
            return "\(path).layers.\(index).\(rest)"
        } ?? result
    }

    /// Hugging Face's name.
    ///
    /// - Parameters:
    ///   - name: the reference's.
    ///   - depths: number of layers of each perceptron, by its path.
    static func huggingFace(_ name: String, depths: [String: Int]) -> String {
        var result = name
        if let pair = beginnings.first(where: { name.hasPrefix($0.reference) }) {
            result = pair.huggingFace + name.dropFirst(pair.reference.count)
        }
        result = withNorms(result, from: "norm", to: "layer_norm")
        return perceptron(in: name).map { path, layer, rest in
            let index = Int(layer) ?? 0
            let part =
                index == 0 ? "proj_in" : index + 1 == depths[path] ? "proj_out" : "layers.\(index - 1)"
            return "\(path).\(part).\(rest)"
        } ?? result
    }

    /// The layers of every perceptron that have a number in their names, counted.
    static func numberedLayers(in names: [String]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for name in names where name.hasSuffix(".weight") {
            guard let (path, layer, _) = perceptron(in: name), Int(layer) != nil else { continue }
            counts[path, default: 0] += 1
        }
        return counts
    }

    /// The numbered norms of blocks and layers: `.norm1.` and `.layer_norm1.`.
    private static func withNorms(_ name: String, from old: String, to new: String) -> String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map { part -> String in
            guard part.hasPrefix(old), part.dropFirst(old.count).count == 1, part.last?.isNumber == true else {
                return String(part)
            }
            return new + part.dropFirst(old.count)
        }
        // Outside of the blocks the same words name other things.
        let isInside = name.contains(".blocks.") || name.contains(".layers.")
        return isInside ? parts.joined(separator: ".") : name
    }

    /// The parts of a name within one of the decoder's perceptrons: its path, the layer and the rest.
    private static func perceptron(in name: String) -> (path: String, layer: String, rest: String)? {
        let isHypernetwork = name.hasPrefix("mask_decoder.output_hypernetworks_mlps.")
        guard isHypernetwork || name.hasPrefix("mask_decoder.iou_prediction_head.") else { return nil }
        let parts = name.split(separator: ".").map(String.init)
        let depth = isHypernetwork ? 3 : 2
        guard parts.count > depth + 1 else { return nil }
        let path = parts[..<depth].joined(separator: ".")
        if parts[depth] == "layers", parts.count > depth + 2 {
            return (path, parts[depth + 1], parts[(depth + 2)...].joined(separator: "."))
        }
        return (path, parts[depth], parts[(depth + 1)...].joined(separator: "."))
    }
}
