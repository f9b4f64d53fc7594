internal import JSONText

extension ViTConfiguration: EncoderConfiguration {
    static let name = "vit"

    package var earlyWidth: Int? { earlyBlock.map { _ in embedDim } }
    /// The first block that attends over the whole image, or nil.
    var earlyBlock: Int? { (0..<depth).first { windowSize(ofBlock: $0) == 0 } }
    var title: String { "ViT (embed_dim \(embedDim), depth \(depth), image_size \(imageSize))" }

    static let dimensions: [ConfigurationDimension<ViTConfiguration>] = [
        .init("image_size", \.imageSize, imageSizes),
        .init("patch_size", \.patchSize, 1...1024),
        .init("embed_dim", \.embedDim, 1...65_536),
        .init("depth", \.depth, 1...1024),
        .init("num_heads", \.numHeads, 1...1024),
        .init("mlp_dim", \.mlpDim, 1...1_048_576),
        .init("window_size", \.windowSize, 0...4096),
    ]

    /// Keys that must be there.
    static let requiredKeys = dimensions.map(\.key) + ["global_attn_indexes"]

    /// The integers as members of the configuration's object.
    var dimensionMembers: [JSONMember] { Self.dimensions.map { $0.member(of: self) } }

    /// The lists; tables by block only where there are any.
    var listMembers: [JSONMember] {
        var members = [
            JSONMember("global_attn_indexes", .array(globalAttentionIndexes.map { .integer(Int64($0)) }))
        ]
        func add(_ key: String, _ table: [Int: [Int]]) {
            guard !table.isEmpty else { return }
            let rows = table.sorted { $0.key < $1.key }.map { block, numbers -> JSONValue in
                .array(([block] + numbers).map { .integer(Int64($0)) })
            }
            members.append(JSONMember(key, .array(rows)))
        }
        add("rel_pos_rows", relativePositionRows.mapValues { [$0.height, $0.width] })
        add("attn_dims", attentionDims.mapValues { [$0] })
        add("mlp_dims", mlpDims.mapValues { [$0] })
        return members
    }

    /// Takes a member that is one of the encoder's.
    ///
    /// - Returns: whether it was.
    /// - Throws: `SAMError.configuration`.
    mutating func read(_ member: JSONMember) throws(SAMError) -> Bool {
        switch member.name {
        case "global_attn_indexes":
            globalAttentionIndexes = try ConfigurationValue.integers(member.value, of: member.name, 0...1023)
        case "rel_pos_rows":
            relativePositionRows = try ConfigurationValue.byBlock(
                member.value, of: member.name, count: 2, 1...131_072
            ).mapValues { RelativePositionRows(height: $0[0], width: $0[1]) }
        case "attn_dims":
            attentionDims = try ConfigurationValue.byBlock(member.value, of: member.name, count: 1, 1...65_536)
                .mapValues { $0[0] }
        case "mlp_dims":
            mlpDims = try ConfigurationValue.byBlock(member.value, of: member.name, count: 1, 1...1_048_576)
                .mapValues { $0[0] }
        default:
            guard let dimension = Self.dimensions.first(where: { $0.key == member.name }) else { return false }
            try dimension.read(member.value, into: &self)
        }
        return true
    }

    /// - Throws: `SAMError.configuration` that names the two dimensions that do not fit together.
    func validate() throws(SAMError) {
        let divisions = [
            ("image_size", imageSize, "patch_size", patchSize), ("embed_dim", embedDim, "num_heads", numHeads),
        ]
        for (name, value, divisorName, divisor) in divisions where value % divisor != 0 {
            throw SAMError(.configuration, "\(name) (\(value)) must be a multiple of \(divisorName) (\(divisor))")
        }
        try checkWindow(windowSize, grid: gridSize)
        for (block, width) in attentionDims where width % numHeads != 0 {
            throw SAMError(
                .configuration, "attn_dims of block \(block) (\(width)) must be a multiple of num_heads (\(numHeads))")
        }
        let isGlobalThroughout = (0..<depth).allSatisfy { globalAttentionIndexes.contains($0) }
        guard windowSize > 0 || isGlobalThroughout else {
            throw SAMError(.configuration, "window_size is 0, but some blocks are not in global_attn_indexes")
        }
        let blocks =
            globalAttentionIndexes + Array(relativePositionRows.keys) + Array(attentionDims.keys) + Array(mlpDims.keys)
        guard let beyond = blocks.first(where: { !(0..<depth).contains($0) }) else { return }
        throw SAMError(.configuration, "a block \(beyond) is named, but there are \(depth)")
    }
}
