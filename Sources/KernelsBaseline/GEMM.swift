internal import KernelABI

extension GEMMBlock {
    /// Elements from one step of a panel of B to the next.
    @inline(always) var bStep: Int { if let bStride { bStride } else { tileColumns } }
    /// Elements from one panel of B to the next.
    @inline(always) var bPanel: Int { bStride == nil ? tileColumns * k : tileColumns }
}

/// The two loops around the register tile; see ``GEMMBlock``. A panel of B stays in the first-level cache while A's
/// panels, which are in the second level, pass by.
@inline(never) func multiplyBlock(_ block: GEMMBlock) {
    var spilled = emptyTile()
    withUnsafeMutableBytes(of: &spilled) { bytes in
        let scratch = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
        var column = 0
        while column < block.n {
            multiplyStrip(block, column: column, columns: min(tileColumns, block.n - column), scratch)
            column += tileColumns
        }
    }
}

/// One panel of B with all panels of A. `scratch` holds one tile, rows of `tileColumns`.
@inline(always) func multiplyStrip(_ block: GEMMBlock, column: Int, columns: Int, _ scratch: FloatOutput) {
    let b = block.b + column / tileColumns * block.bPanel
    var row = 0
    while row < block.m {
        let rows = min(tileRows, block.m - row)
        let a = block.a + row * block.k
        if rows == tileRows && columns == tileColumns && isPlain(block.target) {
            multiplyWholeTile(block, a, b, row: row, column: column)
        } else {
            multiplyEdgeTile(block, a, b, rows: rows, columns: columns, scratch)
            finishTile(block.target, scratch, row: row, rows: rows, column: column, columns: columns)
        }
        row += tileRows
    }
}

/// A whole tile, finished in its registers.
@inline(never) func multiplyWholeTile(_ block: GEMMBlock, _ a: FloatInput, _ b: FloatInput, row: Int, column: Int) {
    let c = block.target.c + row * block.target.ldc + column
    var accumulators = emptyTile()
    addTileProduct(to: &accumulators, block.k, a, b, step: block.bStep, rows: tileRows, registers: 2)
    finishRegisters(&accumulators, block.target, column: column, c)
    storeTile(&accumulators, c, stride: block.target.ldc, rows: tileRows, registers: 2)
}

/// The product of a tile that is not whole or not plain, written to `scratch`: no more rows and registers than needed,
/// to a third of the tile.
@inline(always) func multiplyEdgeTile(
    _ block: GEMMBlock, _ a: FloatInput, _ b: FloatInput, rows: Int, columns: Int, _ scratch: FloatOutput
) {
    let third = tileRows / 3
    if rows > 2 * third {
        if columns > lanes {
            multiplyTile3x2(block.k, a, b, block.bStep, scratch)
        } else {
            multiplyTile3x1(block.k, a, b, block.bStep, scratch)
        }
    } else if rows > third {
        if columns > lanes {
            multiplyTile2x2(block.k, a, b, block.bStep, scratch)
        } else {
            multiplyTile2x1(block.k, a, b, block.bStep, scratch)
        }
    } else {
        if columns > lanes {
            multiplyTile1x2(block.k, a, b, block.bStep, scratch)
        } else {
            multiplyTile1x1(block.k, a, b, block.bStep, scratch)
        }
    }
}

// A function for each size, thirds of the tile's rows by registers: inlined into one, they exceed what the compiler
// inlines at all, and the accumulators go through memory.

@inline(never) func multiplyTile1x1(_ k: Int, _ a: FloatInput, _ b: FloatInput, _ step: Int, _ target: FloatOutput) {
    multiplyTile(k, a, b, step, target, rows: tileRows / 3, registers: 1)
}

@inline(never) func multiplyTile2x1(_ k: Int, _ a: FloatInput, _ b: FloatInput, _ step: Int, _ target: FloatOutput) {
    multiplyTile(k, a, b, step, target, rows: 2 * tileRows / 3, registers: 1)
}

@inline(never) func multiplyTile3x1(_ k: Int, _ a: FloatInput, _ b: FloatInput, _ step: Int, _ target: FloatOutput) {
    multiplyTile(k, a, b, step, target, rows: tileRows, registers: 1)
}

@inline(never) func multiplyTile1x2(_ k: Int, _ a: FloatInput, _ b: FloatInput, _ step: Int, _ target: FloatOutput) {
    multiplyTile(k, a, b, step, target, rows: tileRows / 3, registers: 2)
}

@inline(never) func multiplyTile2x2(_ k: Int, _ a: FloatInput, _ b: FloatInput, _ step: Int, _ target: FloatOutput) {
    multiplyTile(k, a, b, step, target, rows: 2 * tileRows / 3, registers: 2)
}

@inline(never) func multiplyTile3x2(_ k: Int, _ a: FloatInput, _ b: FloatInput, _ step: Int, _ target: FloatOutput) {
    multiplyTile(k, a, b, step, target, rows: tileRows, registers: 2)
}

/// `target` = panel of A times panel of B, `rows` by `registers` registers, rows of `tileColumns`.
@inline(always) func multiplyTile(
    _ k: Int, _ a: FloatInput, _ b: FloatInput, _ step: Int, _ target: FloatOutput, rows: Int, registers: Int
) {
    var accumulators = emptyTile()
    addTileProduct(to: &accumulators, k, a, b, step: step, rows: rows, registers: registers)
    storeTile(&accumulators, target, stride: tileColumns, rows: rows, registers: registers)
}
