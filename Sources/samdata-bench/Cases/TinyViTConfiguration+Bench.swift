import JSONText
import SAM

extension TinyViTConfiguration {
    /// The dimensions by the names that the peer's script reads.
    var benchJSON: JSONValue {
        func list(_ values: [Int]) -> JSONValue { .array(values.map { .integer(Int64($0)) }) }
        return .object([
            JSONMember("image_size", .integer(Int64(imageSize))), JSONMember("embed_dims", list(embedDims)),
            JSONMember("depths", list(depths)), JSONMember("num_heads", list(numHeads)),
            JSONMember("window_sizes", list(windowSizes)), JSONMember("mlp_ratio", .number(mlpRatio)),
            JSONMember("mbconv_expand_ratio", .number(mbconvExpandRatio)),
            JSONMember("merge_strides", list(mergeStrides)),
            JSONMember("prompt_embed_dim", .integer(Int64(promptEmbedDim))),
            JSONMember("num_classes", .integer(Int64(numClasses))),
        ])
    }

    /// Floating-point operations for one image, as the reference does it: padded windows included.
    var operations: Double {
        let cells = embedDims.indices.map { Double(gridSize(ofStage: $0) * gridSize(ofStage: $0)) }
        let dims = embedDims.map(Double.init)
        var products = 4 * cells[0] * 27 * dims[0] / 2 + cells[0] * 9 * dims[0] / 2 * dims[0]
        for stage in embedDims.indices {
            let hidden = Double(hiddenDim(ofStage: stage))
            let block: Double
            if stage == 0 {
                block = cells[0] * hidden * (2 * dims[0] + 9)
            } else {
                let side = Double(windowSizes[stage])
                let windows = (Double(gridSize(ofStage: stage)) / side).rounded(.up)
                let seen = windows * windows * side * side
                block =
                    seen * (4 * dims[stage] * dims[stage] + 2 * side * side * dims[stage])
                    + cells[stage] * dims[stage] * (9 + 2 * hidden)
            }
            products += Double(depths[stage]) * block
            if stage + 1 < embedDims.count {
                let next = dims[stage + 1]
                products += cells[stage] * dims[stage] * next + cells[stage + 1] * next * (9 + next)
            }
        }
        let (neck, last) = (Double(promptEmbedDim), embedDims.count - 1)
        return 2 * (products + cells[last] * neck * (dims[last] + 9 * neck))
    }
}
