internal import KernelABI

/// The weight of a linear layer packed once for products with many tiles of rows, on the calling thread.
///
/// The sums over k are cut where ``PackedProduct`` cuts them, so that a tile has the bits of the whole product.
struct WeightPanels: Sendable {
    /// K
    let inputs: Int
    /// N
    let outputs: Int
    private let kernels: GEMMKernels

    init(inputs: Int, outputs: Int, _ kernels: GEMMKernels) {
        self.inputs = inputs
        self.outputs = outputs
        self.kernels = kernels
    }

    /// Floats of the packed weight.
    var count: Int { AttentionSizes.padded(outputs, to: kernels.nr) * inputs }
    /// Slices of k.
    var slices: Int { (inputs + kernels.kc - 1) / kernels.kc }
    /// Steps of a slice, at most.
    var depth: Int { min(inputs, kernels.kc) }

    /// The steps of a slice.
    func slice(_ index: Int) -> Range<Int> { index * kernels.kc..<min(inputs, (index + 1) * kernels.kc) }

    /// Floats of a packed slice of some rows.
    func leftCount(rows: Int) -> Int { AttentionSizes.padded(rows, to: kernels.mr) * depth }

    /// Packs the weight, [N, K], slice by slice.
    func pack(_ weight: UnsafePointer<Float>, into panels: UnsafeMutablePointer<Float>) {
        for index in 0..<slices {
            let slice = slice(index)
            kernels.packOperand(
                weight + slice.lowerBound, inputs, 1, outputs, slice.count, kernels.nr, 1,
                panels + AttentionSizes.padded(outputs, to: kernels.nr) * slice.lowerBound)
        }
    }

    /// Packs the steps of a slice of some rows.
    ///
    /// - Parameter rows: the first step of the first row; `stride` floats further is the next one's.
    func packLeft(
        _ rows: UnsafePointer<Float>, stride: Int, count: Int, steps: Int, into left: UnsafeMutablePointer<Float>
    ) {
        kernels.packOperand(rows, stride, 1, count, steps, kernels.mr, 1, left)
    }

    /// The product of a packed slice with some of the weight's columns, added to the target where it is not the first one;
    /// bias, activation and residual of the target belong to the last.
    ///
    /// - Parameters:
    ///   - columns: of the weight; their first a whole number of panels.
    ///   - target: where they go, from the first of these columns on, and what is done to them.
    func multiply(
        slice index: Int, left: UnsafePointer<Float>, count: Int, panels: UnsafePointer<Float>, columns: Range<Int>,
        _ target: GEMMTarget
    ) {
        let slice = slice(index)
        var part = target
        part.beta = index == 0 ? 0 : 1
        if index + 1 < slices {
            part.bias = nil
            part.activation = .identity
            part.residual = nil
        }
        kernels.block(
            GEMMBlock(
                m: count, n: columns.count, k: slice.count, a: left,
                b: panels + AttentionSizes.padded(outputs, to: kernels.nr) * slice.lowerBound
                    + columns.lowerBound * slice.count,
                target: part))
    }

    /// The product of some rows with the whole weight.
    ///
    /// - Parameters:
    ///   - rows: [count, K], `stride` floats from one to the next.
    ///   - left: scratch of ``leftCount(rows:)`` floats.
    func multiply(
        _ rows: UnsafePointer<Float>, stride: Int, count: Int, panels: UnsafePointer<Float>,
        left: UnsafeMutablePointer<Float>, _ target: GEMMTarget
    ) {
        for index in 0..<slices {
            let slice = slice(index)
            packLeft(rows + slice.lowerBound, stride: stride, count: count, steps: slice.count, into: left)
            multiply(slice: index, left: left, count: count, panels: panels, columns: 0..<outputs, target)
        }
    }
}
