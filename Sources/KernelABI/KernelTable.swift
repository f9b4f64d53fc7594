/// Floats that a kernel reads.
package typealias FloatInput = UnsafePointer<Float>
/// Floats that a kernel writes.
package typealias FloatOutput = UnsafeMutablePointer<Float>

/// One CPU level's kernels: plain function pointers, chosen once at run time.
///
/// Signatures hold pointers, counts and scalars only: a SIMD value in a signature is passed in 128-bit pieces.
/// Kernels check nothing (they are built `-Ounchecked`); the module `Kernels` and the tensor ops check shapes.
package struct KernelTable: Sendable {
    /// The instructions that these kernels use.
    package let level: CPULevel
    /// The matrix product in force: one of the next two.
    package private(set) var gemm: GEMMKernels
    /// The matrix product of Float operands.
    package let floatGEMM: GEMMKernels
    /// The matrix product with operands rounded to bfloat16; nil where the processor has none.
    package let brainGEMM: GEMMKernels?
    package let conversions: ConversionKernels
    package let elementwise: ElementwiseKernels
    package let rows: RowKernels
    package let attention: AttentionKernels
    package let scores: ScoreKernels
    package let filters: FilterKernels
    package let convolutions: ConvolutionKernels
    package let resizing: ResizeKernels
    package let pixels: PixelKernels
    package let losses: LossKernels
    package let optimizers: OptimizerKernels
    package let peak: PeakKernel

    package init(
        level: CPULevel, gemm: GEMMKernels, brainGEMM: GEMMKernels?, conversions: ConversionKernels,
        elementwise: ElementwiseKernels,
        rows: RowKernels, attention: AttentionKernels, scores: ScoreKernels, filters: FilterKernels,
        convolutions: ConvolutionKernels, resizing: ResizeKernels, pixels: PixelKernels, losses: LossKernels,
        optimizers: OptimizerKernels, peak: PeakKernel
    ) {
        self.level = level
        self.gemm = gemm
        floatGEMM = gemm
        self.brainGEMM = brainGEMM
        self.conversions = conversions
        self.elementwise = elementwise
        self.rows = rows
        self.attention = attention
        self.scores = scores
        self.filters = filters
        self.convolutions = convolutions
        self.resizing = resizing
        self.pixels = pixels
        self.losses = losses
        self.optimizers = optimizers
        self.peak = peak
    }

    /// The same kernels with another matrix product.
    package func multiplying(by gemm: GEMMKernels) -> KernelTable {
        var table = self
        table.gemm = gemm
        return table
    }
}
