package import JSONText
private import Runtime

extension SAMConfiguration {
    /// One integer dimension: its key in JSON, where it lives, and the values that are allowed.
    private struct Dimension {
        let key: String
        let path: any WritableKeyPath<SAMConfiguration, Int> & Sendable
        let allowed: ClosedRange<Int>
    }

    private static let dimensions: [Dimension] = [
        Dimension(key: "image_size", path: \.imageSize, allowed: 1...65_536),
        Dimension(key: "patch_size", path: \.patchSize, allowed: 1...1024),
        Dimension(key: "embed_dim", path: \.embedDim, allowed: 1...65_536),
        Dimension(key: "depth", path: \.depth, allowed: 1...1024),
        Dimension(key: "num_heads", path: \.numHeads, allowed: 1...1024),
        Dimension(key: "mlp_dim", path: \.mlpDim, allowed: 1...1_048_576),
        Dimension(key: "window_size", path: \.windowSize, allowed: 0...4096),
        Dimension(key: "prompt_embed_dim", path: \.promptEmbedDim, allowed: 8...65_536),
        Dimension(key: "mask_in_chans", path: \.maskInChannels, allowed: 4...65_536),
        Dimension(key: "transformer_depth", path: \.transformerDepth, allowed: 1...1024),
        Dimension(key: "transformer_num_heads", path: \.transformerNumHeads, allowed: 1...1024),
        Dimension(key: "transformer_mlp_dim", path: \.transformerMLPDim, allowed: 1...1_048_576),
        Dimension(key: "attention_downsample_rate", path: \.attentionDownsampleRate, allowed: 1...1024),
        Dimension(key: "num_multimask_outputs", path: \.numMultimaskOutputs, allowed: 1...1024),
        Dimension(key: "iou_head_depth", path: \.iouHeadDepth, allowed: 2...64),
        Dimension(key: "iou_head_hidden_dim", path: \.iouHeadHiddenDim, allowed: 1...1_048_576),
    ]

    /// The configuration as an object with the reference's names in snake case.
    package var json: JSONValue {
        var members = Self.dimensions.map { JSONMember($0.key, .integer(Int64(self[keyPath: $0.path]))) }
        members.append(
            JSONMember("global_attn_indexes", .array(globalAttentionIndexes.map { .integer(Int64($0)) })))
        if !relativePositionRows.isEmpty {
            let rows = relativePositionRows.sorted { $0.key < $1.key }.map { block, rows -> JSONValue in
                .array([.integer(Int64(block)), .integer(Int64(rows.height)), .integer(Int64(rows.width))])
            }
            members.append(JSONMember("rel_pos_rows", .array(rows)))
        }
        members.append(JSONMember("pixel_mean", .array(pixelMean.map { .number(Double($0)) })))
        members.append(JSONMember("pixel_std", .array(pixelStd.map { .number(Double($0)) })))
        return .object(members)
    }

    /// Reads what ``json`` wrote; every dimension must be there, and unknown keys are refused.
    ///
    /// - Throws: `SAMError.configuration` that names the key and the values allowed.
    package init(json: JSONValue) throws(SAMError) {
        guard let members = json.object else {
            throw SAMError(.configuration, "the configuration is \(json.kind.withArticle); an object is wanted")
        }
        self.init()
        var missing = Set(Self.dimensions.map(\.key) + ["global_attn_indexes", "pixel_mean", "pixel_std"])
        for member in members {
            missing.remove(member.name)
            switch member.name {
            case "global_attn_indexes":
                globalAttentionIndexes = try Self.integers(member.value, of: member.name, 0...1023)
            case "rel_pos_rows":
                for row in member.value.array ?? [] {
                    let numbers = try Self.integers(row, of: member.name, 0...131_072)
                    guard numbers.count == 3, numbers[1] > 0, numbers[2] > 0 else {
                        throw SAMError(.configuration, "rel_pos_rows wants [block, rows, rows], not \(numbers)")
                    }
                    relativePositionRows[numbers[0]] = RelativePositionRows(height: numbers[1], width: numbers[2])
                }
            case "pixel_mean": pixelMean = try Self.colour(member.value, of: member.name)
            case "pixel_std": pixelStd = try Self.colour(member.value, of: member.name)
            default:
                guard let dimension = Self.dimensions.first(where: { $0.key == member.name }) else {
                    throw SAMError(.configuration, "the configuration has an unknown key, \(member.name)")
                }
                self[keyPath: dimension.path] = try Self.integer(member.value, of: member.name, dimension.allowed)
            }
        }
        guard missing.isEmpty else {
            throw SAMError(.configuration, "the configuration lacks \(missing.sorted().joined(separator: ", "))")
        }
        try validate()
    }

    private static func integer(
        _ value: JSONValue, of key: String, _ allowed: ClosedRange<Int>
    ) throws(SAMError) -> Int {
        guard let number = value.int, allowed.contains(number) else {
            throw SAMError(
                .configuration,
                "\(key) is \(value.text(pretty: false)); a whole number from \(allowed.lowerBound) to "
                    + "\(allowed.upperBound) is wanted")
        }
        return number
    }

    private static func integers(
        _ value: JSONValue, of key: String, _ allowed: ClosedRange<Int>
    ) throws(SAMError) -> [Int] {
        guard let elements = value.array, elements.count <= 1024 else {
            throw SAMError(.configuration, "\(key) is \(value.kind.withArticle); a short array is wanted")
        }
        var numbers: [Int] = []
        for element in elements { numbers.append(try integer(element, of: key, allowed)) }
        return numbers
    }

    private static func colour(_ value: JSONValue, of key: String) throws(SAMError) -> [Float] {
        let numbers = (value.array ?? []).compactMap(\.double).map { Float($0) }
        guard numbers.count == 3, numbers.allSatisfy(\.isFinite), key != "pixel_std" || numbers.allSatisfy({ $0 > 0 })
        else {
            throw SAMError(.configuration, "\(key) is \(value.text(pretty: false)); three numbers are wanted")
        }
        return numbers
    }

    /// Checks that the dimensions fit together.
    ///
    /// - Throws: `SAMError.configuration` that names the two that do not.
    package func validate() throws(SAMError) {
        let divisions: [(String, Int, String, Int)] = [
            ("image_size", imageSize, "patch_size", patchSize),
            ("embed_dim", embedDim, "num_heads", numHeads),
            ("mask_in_chans", maskInChannels, "4", 4),
            ("prompt_embed_dim", promptEmbedDim, "8", 8),
            ("prompt_embed_dim", promptEmbedDim, "attention_downsample_rate", attentionDownsampleRate),
            ("prompt_embed_dim", promptEmbedDim, "transformer_num_heads", transformerNumHeads),
            (
                "prompt_embed_dim / attention_downsample_rate", promptEmbedDim / attentionDownsampleRate,
                "transformer_num_heads", transformerNumHeads
            ),
        ]
        for (name, value, divisorName, divisor) in divisions where value % divisor != 0 {
            throw SAMError(.configuration, "\(name) (\(value)) must be a multiple of \(divisorName) (\(divisor))")
        }
        let isGlobalThroughout = (0..<depth).allSatisfy { globalAttentionIndexes.contains($0) }
        guard windowSize > 0 || isGlobalThroughout else {
            throw SAMError(.configuration, "window_size is 0, but some blocks are not in global_attn_indexes")
        }
        let blocks = globalAttentionIndexes + relativePositionRows.keys
        guard let beyond = blocks.first(where: { !(0..<depth).contains($0) }) else { return }
        throw SAMError(.configuration, "a block \(beyond) is named, but there are \(depth)")
    }
}
