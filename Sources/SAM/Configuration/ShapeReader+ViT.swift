extension ShapeReader {
    /// The dimensions of SAM's own encoder, or of one that was pruned.
    func vit() throws(SAMError) -> ViTConfiguration {
        var result = ViTConfiguration()
        let patch = try shape("image_encoder.patch_embed.proj.weight", rank: 4)
        let position = try shape("image_encoder.pos_embed", rank: 4)
        result.embedDim = patch[0]
        result.patchSize = patch[2]
        let (side, overflows) = position[1].multipliedReportingOverflow(by: patch[2])
        result.imageSize = overflows ? 0 : side
        result.depth = count { "image_encoder.blocks.\($0).norm1.weight" }
        try readWidths(&result)
        try readAttention(&result)
        return result
    }

    /// Widths within the blocks. Pruning keeps the number of heads, so a block of the whole width, or else the first, tells
    /// it; the width that most blocks have is the model's, those of the others are noted by block.
    private func readWidths(_ result: inout ViTConfiguration) throws(SAMError) {
        var inner: [Int] = []
        var hidden: [Int] = []
        var headDims: [Int] = []
        for block in 0..<result.depth {
            let path = "image_encoder.blocks.\(block)"
            inner.append(try shape("\(path).attn.qkv.weight", rank: 2)[0] / 3)
            hidden.append(try shape("\(path).mlp.lin1.weight", rank: 2)[0])
            headDims.append(try shape("\(path).attn.rel_pos_h", rank: 2)[1])
        }
        let width = result.embedDim
        let teller = inner.firstIndex(of: width) ?? 0
        result.numHeads =
            headDims.indices.contains(teller) && headDims[teller] > 0 ? inner[teller] / headDims[teller] : 0
        result.mlpDim = Self.mostFrequent(hidden) ?? 0
        for block in 0..<result.depth {
            if inner[block] != width { result.attentionDims[block] = inner[block] }
            if hidden[block] != result.mlpDim { result.mlpDims[block] = hidden[block] }
        }
    }

    /// The value that occurs most often, of several the one that occurs first.
    private static func mostFrequent(_ values: [Int]) -> Int? {
        let counts = Dictionary(grouping: values) { $0 }.mapValues(\.count)
        guard let most = counts.values.max() else { return nil }
        return values.first { counts[$0] == most }
    }

    /// Which blocks attend globally, and the window of the others, from the lengths of their tables.
    private func readAttention(_ result: inout ViTConfiguration) throws(SAMError) {
        var rows: [ViTConfiguration.RelativePositionRows] = []
        for block in 0..<result.depth {
            let path = "image_encoder.blocks.\(block).attn"
            rows.append(
                ViTConfiguration.RelativePositionRows(
                    height: try shape("\(path).rel_pos_h", rank: 2)[0],
                    width: try shape("\(path).rel_pos_w", rank: 2)[0]))
        }
        let lengths = Set(rows.map(\.height)).sorted()
        let native = 2 * (result.patchSize > 0 ? result.gridSize : 0) - 1
        guard lengths.count <= 2, let longest = lengths.last, let shortest = lengths.first,
            lengths.count == 1 || shortest % 2 == 1
        else {
            throw SAMError(
                .configuration,
                "relative-position tables of \(lengths) rows do not tell windows from global attention; "
                    + "the checkpoint needs the metadata \(SAMConfiguration.metadataKey)")
        }
        let isAllWindows = lengths.count == 1 && longest < native && longest % 2 == 1
        result.windowSize = lengths.count == 2 || isAllWindows ? (shortest + 1) / 2 : 0
        result.globalAttentionIndexes =
            isAllWindows ? [] : rows.indices.filter { rows[$0].height == longest }
        for (block, rows) in rows.enumerated() where rows != result.relativePositionRows(ofBlock: block) {
            result.relativePositionRows[block] = rows
        }
    }
}
