internal import KernelABI

/// What a norm is given, cell by cell, and what it finds of it: of all cells of all prompts, or of a tile in scratch.
///
/// `@unchecked Sendable`: tasks read and write disjoint cells.
struct NormedSums: @unchecked Sendable {
    /// [cells, C]
    let floats: UnsafeMutablePointer<Float>
    /// Means; the reciprocal deviations lie ``pitch`` floats behind. Nil where nobody wants them.
    private let statistics: UnsafeMutablePointer<Float>?
    private let pitch: Int

    init(_ floats: UnsafeMutablePointer<Float>, statistics: UnsafeMutablePointer<Float>?, pitch: Int) {
        self.floats = floats
        self.statistics = statistics
        self.pitch = pitch
    }

    var means: UnsafeMutablePointer<Float>? { statistics }
    var deviations: UnsafeMutablePointer<Float>? { statistics.map { $0 + pitch } }
}

/// The norm behind cells that attended to tokens, and its way back.
struct CellNorm {
    let channels: Int
    let weight: UnsafePointer<Float>
    let bias: UnsafePointer<Float>
    let epsilon: Float
    let table: KernelTable

    /// Writes Y of so many cells, and their statistics where there is a place for them.
    func callAsFunction(_ sums: NormedSums, _ count: Int, into output: UnsafeMutablePointer<Float>) {
        table.rows.layerNorm(
            sums.floats, weight, bias, epsilon, count, channels, output, sums.means, sums.deviations)
    }

    /// From the gradient of Y to that of the sums; adds to sums over cells.
    ///
    /// - Parameters:
    ///   - sums: with their statistics.
    ///   - channelSums: of the sums' gradient, of the weight's and of the bias's: [3, C].
    func slope(
        _ sums: NormedSums, _ count: Int, _ gradient: UnsafePointer<Float>, into slope: UnsafeMutablePointer<Float>,
        channelSums: UnsafeMutablePointer<Float>
    ) {
        guard let means = sums.means, let deviations = sums.deviations else {
            preconditionFailure("the way back wants the norm's statistics")
        }
        table.rows.layerNormBackward(
            LayerNormBackward(
                input: sums.floats, gradient: gradient, weight: weight, mean: means, rstd: deviations, rows: count,
                columns: channels, inputGradient: slope, weightGradient: channelSums + channels,
                biasGradient: channelSums + 2 * channels))
        table.rows.addColumnSums(slope, count, channels, channelSums)
    }
}
