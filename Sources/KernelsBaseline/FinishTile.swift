internal import KernelABI

// What happens to a tile between its last multiply-add and memory: beta C, bias, activation, residual.

/// Whether a whole tile can be finished in its registers: everything but GELU, whose polynomial needs registers of its
/// own, and a residual.
@inline(always) func isPlain(_ target: GEMMTarget) -> Bool {
    // A pattern, as `==` would bring in a function that every CPU level has under the same name.
    switch target.activation {
    case .gelu: false
    case .identity, .relu: target.residual == nil
    }
}

/// Adds beta C and the bias to a whole tile and rectifies it, in registers.
@inline(always) func finishRegisters(
    _ accumulators: inout TileAccumulators, _ target: GEMMTarget, column: Int, _ c: FloatOutput
) {
    if target.beta != 0 {
        let factor = splat(target.beta)
        forEachTileRow(tileRows) { row in
            let line = c + row * target.ldc
            accumulators[2 * row] = madd(accumulators[2 * row], factor, load(line))
            accumulators[2 * row + 1] = madd(accumulators[2 * row + 1], factor, load(line + lanes))
        }
    }
    if let bias = target.bias {
        let left = load(bias + column)
        let right = load(bias + column + lanes)
        forEachTileRow(tileRows) { row in
            accumulators[2 * row] += left
            accumulators[2 * row + 1] += right
        }
    }
    switch target.activation {
    case .identity, .gelu: break
    case .relu:
        let zero = Vector.zero
        forEachTileRow(tileRows) { row in
            let (left, right) = (accumulators[2 * row], accumulators[2 * row + 1])
            accumulators[2 * row] = left.replacing(with: zero, where: left .< zero)
            accumulators[2 * row + 1] = right.replacing(with: zero, where: right .< zero)
        }
    }
}

/// Finishes the `rows` by `columns` tile that lies in `scratch`, rows of `tileColumns`, and writes it to C.
@inline(always) func finishTile(
    _ target: GEMMTarget, _ scratch: FloatOutput, row: Int, rows: Int, column: Int, columns: Int
) {
    var part = 0
    while part < columns {
        if columns - part >= lanes {
            finishLines(target, scratch + part, row, rows, column + part)
        } else {
            finishPartialLines(target, scratch + part, row, rows, column + part, columns - part)
        }
        part += lanes
    }
}

/// Finishes one register's width of a tile.
@inline(never) func finishLines(_ target: GEMMTarget, _ scratch: FloatOutput, _ row: Int, _ rows: Int, _ column: Int) {
    let c = target.c + row * target.ldc + column
    var bias = Vector.zero
    if let source = target.bias { bias = load(source + column) }
    let factor = splat(target.beta)
    for index in 0..<rows {
        let line = scratch + index * tileColumns
        var value = load(line)
        if target.beta != 0 { value = madd(value, factor, load(c + index * target.ldc)) }
        store(value + bias, line)
    }
    switch target.activation {
    case .identity: break
    case .relu: reluLines(scratch, rows)
    case .gelu: geluLines(scratch, rows)
    }
    for index in 0..<rows {
        var value = load(scratch + index * tileColumns)
        if let residual = target.residual { value += load(residual + (row + index) * target.ldr + column) }
        store(value, c + index * target.ldc)
    }
}

@inline(always) func reluLines(_ scratch: FloatOutput, _ rows: Int) {
    for index in 0..<rows {
        let value = load(scratch + index * tileColumns)
        store(value.replacing(with: Vector.zero, where: value .< Vector.zero), scratch + index * tileColumns)
    }
}

@inline(always) func geluLines(_ scratch: FloatOutput, _ rows: Int) {
    for index in 0..<rows { store(geluValue(load(scratch + index * tileColumns)), scratch + index * tileColumns) }
}

/// The same for the last `count` < `lanes` columns of C: what the lines need is copied to where whole registers fit.
@inline(never) func finishPartialLines(
    _ target: GEMMTarget, _ scratch: FloatOutput, _ row: Int, _ rows: Int, _ column: Int, _ count: Int
) {
    var buffer = emptyTile()
    var bias = Vector.zero
    withUnsafeMutableBytes(of: &buffer) { bytes in
        withUnsafeMutableBytes(of: &bias) { biasBytes in
            let lines = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
            let biasLine = biasBytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
            let residualLines = lines + tileRows * lanes
            let c = target.c + row * target.ldc + column
            var padded = target
            padded.c = lines
            padded.ldc = lanes
            if target.beta != 0 { copyLines(c, target.ldc, lines, lanes, rows: rows, columns: count) }
            if let source = target.bias {
                copyLines(source + column, 0, biasLine, 0, rows: 1, columns: count)
                padded.bias = FloatInput(biasLine)
            }
            if let residual = target.residual {
                let source = residual + row * target.ldr + column
                copyLines(source, target.ldr, residualLines, lanes, rows: rows, columns: count)
                padded.residual = FloatInput(residualLines)
                padded.ldr = lanes
            }
            finishLines(padded, scratch, 0, rows, 0)
            copyLines(lines, lanes, c, target.ldc, rows: rows, columns: count)
        }
    }
}

/// Copies `rows` lines of `columns` floats.
@inline(always) func copyLines(
    _ source: FloatInput, _ sourceStride: Int, _ copy: FloatOutput, _ copyStride: Int, rows: Int, columns: Int
) {
    for row in 0..<rows {
        for column in 0..<columns { copy[row * copyStride + column] = source[row * sourceStride + column] }
    }
}
