internal import KernelABI
private import Runtime

/// `x + W2 gelu(W1 norm(x) + b1) + b2` on rows of tokens, tile by tile: the hidden activations, several times the size of
/// the tokens, exist for a slice of a tile at a time. Results have the bits of the operations one by one.
///
/// Shapes: T tokens of C channels, D hidden.
///
/// `@unchecked Sendable`: tasks read the operands, all of which outlive the calls, and write disjoint rows.
package struct TokenMLP: @unchecked Sendable {
    package struct Operands {
        /// [T, C]
        package var input: UnsafePointer<Float>
        /// [C]
        package var normWeight: UnsafePointer<Float>
        /// [C]
        package var normBias: UnsafePointer<Float>
        package var epsilon: Float
        /// [D, C]
        package var firstWeight: UnsafePointer<Float>
        /// [D]
        package var firstBias: UnsafePointer<Float>
        /// [C, D]
        package var secondWeight: UnsafePointer<Float>
        /// [C]
        package var secondBias: UnsafePointer<Float>

        package init(
            input: UnsafePointer<Float>, normWeight: UnsafePointer<Float>, normBias: UnsafePointer<Float>,
            epsilon: Float, firstWeight: UnsafePointer<Float>, firstBias: UnsafePointer<Float>,
            secondWeight: UnsafePointer<Float>, secondBias: UnsafePointer<Float>
        ) {
            self.input = input
            self.normWeight = normWeight
            self.normBias = normBias
            self.epsilon = epsilon
            self.firstWeight = firstWeight
            self.firstBias = firstBias
            self.secondWeight = secondWeight
            self.secondBias = secondBias
        }
    }

    /// Tokens of a tile: whole panels of rows at every level of the kernels; a slice of hidden activations in both its forms
    /// takes 0.3 MB.
    static let rowsPerTile = 96

    let rows: Int
    let channels: Int
    let hidden: Int
    let operands: Operands
    let table: KernelTable

    package init(rows: Int, channels: Int, hidden: Int, _ operands: Operands) {
        precondition(
            rows >= 0 && channels >= 1 && hidden >= 1, "MLP of \(rows) tokens of \(channels) with \(hidden) hidden")
        self.rows = rows
        self.channels = channels
        self.hidden = hidden
        self.operands = operands
        table = Kernels.table
    }

    /// Whether both linear layers alone would go the way whose bits these results have: of a few tokens they do not.
    package static func isLarge(rows: Int, channels: Int, hidden: Int) -> Bool {
        GEMM.isPacked(rows: rows, outputs: hidden, depth: channels)
            && GEMM.isPacked(rows: rows, outputs: channels, depth: hidden)
    }

    /// Writes the result, [T, C].
    package func forward(output: UnsafeMutablePointer<Float>) {
        let first = WeightPanels(inputs: channels, outputs: hidden, table.gemm)
        let second = WeightPanels(inputs: hidden, outputs: channels, table.gemm)
        let tile = Self.rowsPerTile
        let tasks = (rows + tile - 1) / tile
        var layout = ScratchLayout()
        let normedOffset = layout.add(tile * channels)
        let normedPanelOffset = layout.add(first.slices * first.leftCount(rows: tile))
        let hiddenOffset = layout.add(tile * second.depth)
        let hiddenPanelOffset = layout.add(second.leftCount(rows: tile))
        let own = layout.total
        var shared = ScratchLayout()
        let firstOffset = shared.add(first.count)
        let secondOffset = shared.add(second.count)
        let sharedCount = shared.total
        BufferPool.withBuffer(sharedCount + max(1, min(Workers.count, tasks)) * own) { memory in
            first.pack(operands.firstWeight, into: memory + firstOffset)
            second.pack(operands.secondWeight, into: memory + secondOffset)
            nonisolated(unsafe) let (memory, output) = (memory, output)
            Workers.forEachChunk(of: rows, grain: tile) { range, worker in
                let base = memory + sharedCount + worker * own
                let (normed, normedPanels) = (base + normedOffset, base + normedPanelOffset)
                let (activated, panels) = (base + hiddenOffset, base + hiddenPanelOffset)
                let start = range.lowerBound * channels
                table.rows.layerNorm(
                    operands.input + start, operands.normWeight, operands.normBias, operands.epsilon, range.count,
                    channels, normed, nil, nil)
                for index in 0..<first.slices {
                    let slice = first.slice(index)
                    first.packLeft(
                        normed + slice.lowerBound, stride: channels, count: range.count, steps: slice.count,
                        into: normedPanels + index * first.leftCount(rows: tile))
                }
                // The slices of the second product's sums are made one by one, and used up.
                for index in 0..<second.slices {
                    let slice = second.slice(index)
                    for part in 0..<first.slices {
                        first.multiply(
                            slice: part, left: normedPanels + part * first.leftCount(rows: tile), count: range.count,
                            panels: memory + firstOffset, columns: slice,
                            GEMMTarget(
                                c: activated, ldc: slice.count, bias: operands.firstBias + slice.lowerBound,
                                activation: .gelu))
                    }
                    second.packLeft(
                        activated, stride: slice.count, count: range.count, steps: slice.count, into: panels)
                    second.multiply(
                        slice: index, left: panels, count: range.count, panels: memory + secondOffset,
                        columns: 0..<channels,
                        GEMMTarget(
                            c: output + start, ldc: channels, bias: operands.secondBias,
                            residual: operands.input + start, ldr: channels))
                }
            }
        }
    }
}
