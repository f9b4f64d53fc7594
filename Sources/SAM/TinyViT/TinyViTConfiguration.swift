/// Every dimension of a TinyViT image encoder, as MobileSAM has it.
///
/// Names follow the reference (`ChaoningZhang/MobileSAM`, `tiny_vit_sam.py`). Stage 0 is of convolutions, the others of
/// window attention; between two stages a merge changes the width and may halve the picture.
package struct TinyViTConfiguration: Sendable, Hashable {
    /// Side of the square input, in pixels; a multiple of ``patchSize``.
    package var imageSize = 1024
    /// Width of each stage; a multiple of its heads, the first one even.
    package var embedDims = [64, 128, 160, 320]
    /// Blocks of each stage.
    package var depths = [2, 2, 6, 2]
    /// Heads of each stage's attention; the first is not used.
    package var numHeads = [2, 4, 5, 10]
    /// Side of each stage's windows, in tokens; the first is not used.
    package var windowSizes = [7, 7, 14, 7]
    /// Hidden width of the MLPs over the width, rounded down.
    package var mlpRatio = 4.0
    /// Hidden width of the first stage's blocks over the width, rounded down.
    package var mbconvExpandRatio = 4.0
    /// Stride of the merge behind each stage but the last. The reference takes 1 before a width of 320, 448 or 576.
    package var mergeStrides = [2, 2, 1]
    /// Width of the image embedding.
    package var promptEmbedDim = 256
    /// Classes of the head from the encoder's own training, which is kept and not used.
    package var numClasses = 1000

    /// The dimensions of MobileSAM's `vit_t`.
    package init() {}

    /// Pixels of the input to a cell of the embedding, along each side.
    package var patchSize: Int { mergeStrides.reduce(4, *) }
    /// Side of the embedding.
    package var gridSize: Int { imageSize / patchSize }

    /// Side of a stage's picture, in tokens.
    package func gridSize(ofStage stage: Int) -> Int { mergeStrides.prefix(stage).reduce(imageSize / 4, /) }

    /// Hidden width of a stage's blocks.
    package func hiddenDim(ofStage stage: Int) -> Int {
        // A ratio that was read off shapes may fall short of a whole number by its last bit.
        Int(Double(embedDims[stage]) * (stage == 0 ? mbconvExpandRatio : mlpRatio) + 1e-6)
    }

    /// Checks that the dimensions fit each other.
    ///
    /// - Throws: `SAMError.configuration`, with the first dimension that does not.
    package func validate() throws(SAMError) {
        func demand(_ holds: Bool, _ message: @autoclosure () -> String) throws(SAMError) {
            if !holds { throw SAMError(.configuration, "TinyViT: \(message())") }
        }
        let stages = embedDims.count
        try demand((2...8).contains(stages), "\(stages) stages; two to eight are possible")
        for (name, list) in [("depths", depths), ("heads", numHeads), ("window sizes", windowSizes)] {
            try demand(list.count == stages, "\(list.count) \(name) for \(stages) stages")
        }
        try demand(
            mergeStrides.count == stages - 1 && mergeStrides.allSatisfy { (1...2).contains($0) },
            "merge strides \(mergeStrides); \(stages) stages have \(stages - 1), each 1 or 2")
        let sizes = embedDims + depths + numHeads + windowSizes + [imageSize, promptEmbedDim, numClasses]
        try demand(
            sizes.allSatisfy { (1...1 << 16).contains($0) },
            "a dimension outside 1...65536: widths \(embedDims), depths \(depths), heads \(numHeads), windows "
                + "\(windowSizes), image \(imageSize), embedding \(promptEmbedDim), classes \(numClasses)")
        try demand(depths.allSatisfy { $0 <= 64 }, "depths \(depths); a stage has at most 64 blocks")
        try demand(embedDims[0] % 2 == 0, "the first width, \(embedDims[0]), is odd")
        for stage in 1..<stages {
            try demand(
                embedDims[stage] % numHeads[stage] == 0,
                "stage \(stage): a width of \(embedDims[stage]) is no multiple of \(numHeads[stage]) heads")
        }
        for stage in 1..<stages { try checkWindow(windowSizes[stage], grid: gridSize(ofStage: stage)) }
        for (name, ratio) in [("MLP ratio", mlpRatio), ("MBConv ratio", mbconvExpandRatio)] {
            try demand(ratio >= 0.125 && ratio <= 64, "\(name) \(ratio); it lies in 0.125...64")
        }
        for stage in 0..<stages {
            try demand(hiddenDim(ofStage: stage) >= 1, "stage \(stage) has no hidden unit")
        }
        try demand(
            imageSize % patchSize == 0, "an image of \(imageSize) pixels is no multiple of \(patchSize)")
    }
}
