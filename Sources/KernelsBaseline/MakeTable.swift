package import KernelABI

/// This build's kernels: the only entry point of the module. Never inlined, so that nothing of this module is compiled
/// into a caller that lacks its flags.
@inline(never) package func makeTable() -> KernelTable {
    #if KERNEL_WIDE
        let level = CPULevel.v4
    #elseif KERNEL_FMA
        let level = CPULevel.v3
    #else
        let level = CPULevel.baseline
    #endif
    return KernelTable(
        level: level,
        gemm: GEMMKernels(
            mr: tileRows, nr: tileColumns, kc: panelDepth, packPanels: packPanels, packOperand: packPanels,
            block: multiplyBlock, dots: multiplyDots),
        brainGEMM: makeBrainGEMM(),
        conversions: ConversionKernels(
            toBFloat16: toBFloat16, fromBFloat16: fromBFloat16, toFloat16: toFloat16, fromFloat16: fromFloat16),
        elementwise: ElementwiseKernels(
            add: add, subtract: subtract, multiply: multiply, scaleAdd: scaleAdd,
            relu: relu, gelu: gelu, sigmoid: sigmoid, exp: exp, reluBackward: reluBackward,
            geluBackward: geluBackward, geluAndSlope: geluAndSlope, sigmoidBackward: sigmoidBackward),
        rows: RowKernels(
            sum: sum, sumOfSquares: sumOfSquares, dot: dot, addColumnSums: addColumnSums, softmax: softmax,
            softmaxBackward: softmaxBackward, layerNorm: layerNorm, layerNormBackward: layerNormBackward),
        attention: AttentionKernels(
            rows: attentionRows, columns: 2 * lanes, forward: attentionForward, backward: attentionBackward),
        scores: ScoreKernels(
            groupSoftmax: groupSoftmax, groupSoftmaxBackward: groupSoftmaxBackward, exponentials: exponentials,
            softmaxSlopes: softmaxSlopes),
        filters: FilterKernels(rowDots: rowDots, outerProduct: outerProduct, addWeightedRows: addWeightedRows),
        convolutions: ConvolutionKernels(
            tilePixels: convolutionPixels, tileColumns: 2 * lanes, line: convolutionLine,
            depthwiseLine: depthwiseLine, depthwiseSpread: depthwiseSpread, depthwiseSums: depthwiseSums),
        resizing: ResizeKernels(spreadLine: spreadLine, blendLines: blendLines),
        pixels: PixelKernels(
            bilinearLine: bilinearLine, resampleLine: resampleLine, blendLines: blendByteLines, split: splitPixels,
            join: joinPixels, scale: scaleSamples, saturate: saturatePixels, turnHue: turnHue,
            shiftHSV: shiftHSV, medianLine: medianLine,
            tones: ToneKernels(lightness: pixelLightness, relight: relightPixels, blendTables: blendTables)),
        losses: LossKernels(
            maskSums: maskLossSums, maskGradient: maskLossGradient, weightedProbability: weightedProbability,
            addWeightedProbabilityGradient: addWeightedProbabilityGradient),
        optimizers: OptimizerKernels(adamW: adamW, adam: adam, descent: descent),
        peak: PeakKernel(operationsPerIteration: 2 * peakChains * lanes, run: multiplyAddPeak))
}
