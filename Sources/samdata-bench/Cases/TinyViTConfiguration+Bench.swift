import SAM

extension TinyViTConfiguration {
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
