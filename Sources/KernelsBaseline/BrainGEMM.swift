internal import KernelABI

#if KERNEL_WIDE
    private import CAVX512
#endif

// The product of operands that are rounded to bfloat16, two steps of k in a word of a panel, with sums in Float: twice as
// many multiply-adds an instruction, and half the bytes. The register tile is that of Float, and so is the room of the
// panels; few rows times a weight that is read where it lies stay Float, as they wait for memory.

/// Nil where the build or the processor has no such instructions.
func makeBrainGEMM() -> GEMMKernels? {
    #if KERNEL_WIDE
        if sd_brain_is_available() == 0 { return nil }
        return GEMMKernels(
            operands: .bfloat16, mr: tileRows, nr: tileColumns, kc: panelDepth, packPanels: packPanels,
            packOperand: sd_brain_pack, block: multiplyBrainBlock, dots: multiplyDots)
    #else
        return nil
    #endif
}

#if KERNEL_WIDE
    /// The two loops around the register tile; see ``GEMMBlock``.
    @inline(never) func multiplyBrainBlock(_ block: GEMMBlock) {
        var spilled = emptyTile()
        withUnsafeMutableBytes(of: &spilled) { bytes in
            let scratch = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
            var column = 0
            while column < block.n {
                multiplyBrainStrip(block, column: column, columns: min(tileColumns, block.n - column), scratch)
                column += tileColumns
            }
        }
    }

    /// One panel of B with all panels of A. `scratch` holds one tile, rows of `tileColumns`.
    @inline(always) func multiplyBrainStrip(_ block: GEMMBlock, column: Int, columns: Int, _ scratch: FloatOutput) {
        let right = sd_brain_right(
            start: block.b + column / tileColumns * block.bPanel, step: block.bStep,
            is_packed: block.bStride == nil ? 1 : 0)
        let third = tileRows / 3
        var row = 0
        if columns == tileColumns && isPlain(block.target) {
            row = block.m / tileRows * tileRows
            multiplyWholeBrainTiles(block, right, rows: row, column: column)
        }
        while row < block.m {
            let rows = min(tileRows, block.m - row)
            let thirds = rows > 2 * third ? 3 : rows > third ? 2 : 1
            sd_brain_part(
                block.k, block.a + row * block.k, right, Int32(thirds), columns > lanes ? 2 : 1, scratch)
            finishTile(block.target, scratch, row: row, rows: rows, column: column, columns: columns)
            row += tileRows
        }
    }

    /// Whole tiles, each finished in its registers.
    @inline(always) private func multiplyWholeBrainTiles(
        _ block: GEMMBlock, _ b: sd_brain_right, rows: Int, column: Int
    ) {
        var isRectified: Int32 = 0
        // A pattern, as `==` would bring in a function that every CPU level has under the same name.
        if case .relu = block.target.activation { isRectified = 1 }
        var bias: FloatInput?
        if let source = block.target.bias { bias = source + column }
        var target = sd_brain_target(
            c: block.target.c + column, ldc: block.target.ldc, beta: block.target.beta, bias: bias,
            is_rectified: isRectified)
        sd_brain_tiles(rows / tileRows, block.k, block.a, b, &target)
    }
#endif
