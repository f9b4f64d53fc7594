internal import KernelABI

// Few rows times the rows of a weight: dot products, the lanes along k. Packing B would cost as much as the product.
// The tile is four columns wide, so that the lane sums of a row are four lanes; rows as there are registers.
#if KERNEL_WIDE
    typealias DotAccumulators = InlineArray<16, Vector>
#elseif KERNEL_FMA
    typealias DotAccumulators = InlineArray<8, Vector>
#else
    typealias DotAccumulators = InlineArray<4, Vector>
#endif

/// Rows of the tile of dot products.
@inline(always) var dotRows: Int { lanes / 4 }
/// Columns of the tile of dot products.
@inline(always) var dotColumns: Int { 4 }

/// The loops around the tile of dot products; see ``GEMMDots``. The sums of `tileColumns` columns and `tileRows` rows are
/// finished together, as those of the packed product are.
@inline(never) func multiplyDots(_ dots: GEMMDots) {
    // A tile, and behind it a buffer for the sums of one tile of dot products.
    var spilled: InlineArray<2, TileAccumulators> = [emptyTile(), emptyTile()]
    withUnsafeMutableBytes(of: &spilled) { bytes in
        let scratch = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
        var column = 0
        while column < dots.n {
            let columns = min(tileColumns, dots.n - column)
            var row = 0
            while row < dots.m {
                let rows = min(tileRows, dots.m - row)
                dotTiles(dots, row: row, rows: rows, column: column, columns: columns, scratch)
                finishTile(dots.target, scratch, row: row, rows: rows, column: column, columns: columns)
                row += tileRows
            }
            column += tileColumns
        }
    }
}

/// The sums of `rows` by `columns` elements, written to `scratch`, rows of `tileColumns`; four columns of B stay in the
/// first-level cache while the rows pass by.
@inline(always) func dotTiles(
    _ dots: GEMMDots, row: Int, rows: Int, column: Int, columns: Int, _ scratch: FloatOutput
) {
    let buffer = scratch + tileRows * tileColumns
    var across = 0
    while across < columns {
        let b = dots.b + (column + across) * dots.ldb
        let width = min(dotColumns, columns - across)
        var down = 0
        while down < rows {
            let height = min(dotRows, rows - down)
            let a = dots.a + (row + down) * dots.lda
            let target = scratch + down * tileColumns + across
            if 2 * height > dotRows {
                dotTileWhole(dots, a, height, b, width, target, buffer)
            } else if 4 * height > dotRows {
                dotTileHalf(dots, a, height, b, width, target, buffer)
            } else {
                dotTileQuarter(dots, a, height, b, width, target, buffer)
            }
            down += dotRows
        }
        across += dotColumns
    }
}

@inline(never) func dotTileWhole(
    _ dots: GEMMDots, _ a: FloatInput, _ height: Int, _ b: FloatInput, _ width: Int, _ target: FloatOutput,
    _ buffer: FloatOutput
) {
    dotTile(dots, a, height, b, width, target, buffer, rows: dotRows)
}

@inline(never) func dotTileHalf(
    _ dots: GEMMDots, _ a: FloatInput, _ height: Int, _ b: FloatInput, _ width: Int, _ target: FloatOutput,
    _ buffer: FloatOutput
) {
    dotTile(dots, a, height, b, width, target, buffer, rows: dotRows > 1 ? dotRows / 2 : 1)
}

@inline(never) func dotTileQuarter(
    _ dots: GEMMDots, _ a: FloatInput, _ height: Int, _ b: FloatInput, _ width: Int, _ target: FloatOutput,
    _ buffer: FloatOutput
) {
    dotTile(dots, a, height, b, width, target, buffer, rows: 1)
}

/// `rows` rows, a literal, by four columns. Where the matrix has only `height` rows and `width` columns left, the last of
/// them is used again, and what comes of it is not read.
@inline(always) func dotTile(
    _ dots: GEMMDots, _ a: FloatInput, _ height: Int, _ b: FloatInput, _ width: Int, _ target: FloatOutput,
    _ buffer: FloatOutput, rows: Int
) {
    var sums = emptyDots()
    let lda = dots.lda
    let c1 = b + min(1, width - 1) * dots.ldb
    let c2 = b + min(2, width - 1) * dots.ldb
    let c3 = b + min(3, width - 1) * dots.ldb
    let r1 = a + min(1, height - 1) * lda
    let r2 = a + min(2, height - 1) * lda
    let r3 = a + min(3, height - 1) * lda
    var step = 0
    while step + lanes <= dots.k {
        let (b0, b1, b2, b3) = (load(b + step), load(c1 + step), load(c2 + step), load(c3 + step))
        addDots(&sums, 0, load(a + step), b0, b1, b2, b3)
        if rows > 1 { addDots(&sums, 1, load(r1 + step), b0, b1, b2, b3) }
        if rows > 2 { addDots(&sums, 2, load(r2 + step), b0, b1, b2, b3) }
        if rows > 3 { addDots(&sums, 3, load(r3 + step), b0, b1, b2, b3) }
        step += lanes
    }
    if step < dots.k {
        // The last register of a row, without the lanes that were in the one before: both factors are cleared, since
        // what is counted twice may be infinite.
        let rest = dots.k - lanes
        let old = laneNumbers .< splat(Float(step - rest))
        let (b0, b1) = (loadUncounted(b + rest, old), loadUncounted(c1 + rest, old))
        let (b2, b3) = (loadUncounted(c2 + rest, old), loadUncounted(c3 + rest, old))
        addDots(&sums, 0, loadUncounted(a + rest, old), b0, b1, b2, b3)
        if rows > 1 { addDots(&sums, 1, loadUncounted(r1 + rest, old), b0, b1, b2, b3) }
        if rows > 2 { addDots(&sums, 2, loadUncounted(r2 + rest, old), b0, b1, b2, b3) }
        if rows > 3 { addDots(&sums, 3, loadUncounted(r3 + rest, old), b0, b1, b2, b3) }
    }
    spillSums(&sums, 0, buffer)
    if rows > 1 { spillSums(&sums, 1, buffer) }
    if rows > 2 { spillSums(&sums, 2, buffer) }
    if rows > 3 { spillSums(&sums, 3, buffer) }
    storeLaneSums(buffer, 0, dots.alpha, target)
    if rows > 1 { storeLaneSums(buffer, 1, dots.alpha, target) }
    if rows > 2 { storeLaneSums(buffer, 2, dots.alpha, target) }
    if rows > 3 { storeLaneSums(buffer, 3, dots.alpha, target) }
}

/// 0, 1, 2 and so on.
@inline(always) var laneNumbers: Vector {
    #if KERNEL_WIDE
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    #elseif KERNEL_FMA
        [0, 1, 2, 3, 4, 5, 6, 7]
    #else
        [0, 1, 2, 3]
    #endif
}

/// A register with zeros in the `old` lanes.
@inline(always) func loadUncounted(_ source: FloatInput, _ old: SIMDMask<VectorBits>) -> Vector {
    load(source).replacing(with: Vector.zero, where: old)
}

/// No sums yet.
@inline(always) func emptyDots() -> DotAccumulators {
    let o = Vector.zero
    #if KERNEL_WIDE
        return [o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o]
    #elseif KERNEL_FMA
        return [o, o, o, o, o, o, o, o]
    #else
        return [o, o, o, o]
    #endif
}

/// Adds one step of one row.
@inline(always) func addDots(
    _ sums: inout DotAccumulators, _ row: Int, _ a: Vector, _ b0: Vector, _ b1: Vector, _ b2: Vector, _ b3: Vector
) {
    sums[4 * row] = madd(sums[4 * row], a, b0)
    sums[4 * row + 1] = madd(sums[4 * row + 1], a, b1)
    sums[4 * row + 2] = madd(sums[4 * row + 2], a, b2)
    sums[4 * row + 3] = madd(sums[4 * row + 3], a, b3)
}

/// Writes the sums of one row to `buffer`, four lanes each. The lane sums go through memory, since LLVM takes the shuffles
/// of a transposition that stands beside additions apart, into three times as many.
@inline(always) func spillSums(_ sums: inout DotAccumulators, _ row: Int, _ buffer: FloatOutput) {
    let line = buffer + 16 * row
    store4(quarterSums(sums[4 * row]), line)
    store4(quarterSums(sums[4 * row + 1]), line + 4)
    store4(quarterSums(sums[4 * row + 2]), line + 8)
    store4(quarterSums(sums[4 * row + 3]), line + 12)
}

/// Writes alpha times the four lane sums of one row to `target`, rows of `tileColumns`.
@inline(always) func storeLaneSums(_ buffer: FloatInput, _ row: Int, _ alpha: Float, _ target: FloatOutput) {
    let all = UnsafeRawPointer(buffer + 16 * row).loadUnaligned(as: SIMD16<Float>.self)
    let sum = (all.evenHalf.evenHalf + all.oddHalf.evenHalf) + (all.evenHalf.oddHalf + all.oddHalf.oddHalf)
    store4(sum * SIMD4(repeating: alpha), target + row * tileColumns)
}

/// The sums of every fourth lane.
@inline(always) func quarterSums(_ vector: Vector) -> SIMD4<Float> {
    #if KERNEL_WIDE
        let eight = vector.lowHalf + vector.highHalf
        return eight.lowHalf + eight.highHalf
    #elseif KERNEL_FMA
        return vector.lowHalf + vector.highHalf
    #else
        return vector
    #endif
}
