internal import KernelABI

// The register tile of attention: fewer rows than the matrix product's, since head sizes are multiples of 8 more often
// than of 12, and one or two registers wide, since the last block of queries is seldom full.
//
// As in RegisterTile, every loop over a tile's rows is unrolled by hand and the tile is handed on by reference: else it
// goes through the stack.
#if KERNEL_WIDE
    @inline(always) var attentionRows: Int { 8 }
    typealias AttentionAccumulators = InlineArray<16, Vector>
#else
    @inline(always) var attentionRows: Int { 6 }
    typealias AttentionAccumulators = InlineArray<12, Vector>
#endif

/// Keys whose scores exist at a time: whole panels.
@inline(always) var attentionKeyTile: Int { AttentionKernels.keyTile / attentionRows * attentionRows }

/// A tile of zeros.
@inline(always) func emptyAttentionTile() -> AttentionAccumulators {
    let o = Vector.zero
    #if KERNEL_WIDE
        return [o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o]
    #else
        return [o, o, o, o, o, o, o, o, o, o, o, o]
    #endif
}

/// Calls `body` with 0 ..< attentionRows, each a constant.
@inline(always) func forEachAttentionRow(_ body: (Int) -> Void) {
    body(0)
    body(1)
    body(2)
    body(3)
    body(4)
    body(5)
    #if KERNEL_WIDE
        body(6)
        body(7)
    #endif
}

/// Adds the sum over k of a panel of A (k by `attentionRows`) times a panel of B (k by `registers` registers).
/// `registers` is a literal 1 or 2 in every call, so that the choices disappear.
@inline(always) func addAttentionProduct(
    to accumulators: inout AttentionAccumulators, _ k: Int, _ a: FloatInput, _ b: FloatInput, registers: Int
) {
    var a = a
    var b = b
    for _ in 0..<k {
        let left = load(b)
        let right = registers == 2 ? load(b + lanes) : left
        forEachAttentionRow { row in
            let factor = splat(a[row])
            accumulators[2 * row] = madd(accumulators[2 * row], factor, left)
            if registers == 2 { accumulators[2 * row + 1] = madd(accumulators[2 * row + 1], factor, right) }
        }
        a += attentionRows
        b += registers * lanes
    }
}

/// Adds the sum over one block of queries of `attentionRows` rows of A, each `registers` registers long, times rows of B
/// two registers wide: A comes as the scores lie, unpacked.
@inline(always) func addAttentionRowProduct(
    to accumulators: inout AttentionAccumulators, _ a: FloatInput, _ b: FloatInput, registers: Int
) {
    let width = registers * lanes
    var a = a
    var b = b
    for _ in 0..<width {
        let left = load(b)
        let right = load(b + lanes)
        forEachAttentionRow { row in
            let factor = splat(a[row * width])
            accumulators[2 * row] = madd(accumulators[2 * row], factor, left)
            accumulators[2 * row + 1] = madd(accumulators[2 * row + 1], factor, right)
        }
        a += 1
        b += 2 * lanes
    }
}

/// `target[i] += sum over the block's queries of a[i][query] * b[query]` for `rows` rows: b in panels two registers wide,
/// target in rows of `columns` floats, a multiple of that.
@inline(__always) func addRowProducts(
    rows: Int, _ a: FloatInput, _ b: FloatInput, columns: Int, into target: FloatOutput, registers: Int
) {
    let width = registers * lanes
    var column = 0
    while column < columns {
        var row = 0
        while row < rows {
            var accumulators = emptyAttentionTile()
            addAttentionRowProduct(to: &accumulators, a + row * width, b + column * width, registers: registers)
            storeAttention(
                &accumulators, target + row * columns + column, stride: columns, registers: 2, adds: true)
            row += attentionRows
        }
        column += 2 * lanes
    }
}

/// `target = accumulators` or `target += accumulators`, rows of `stride` floats.
@inline(always) func storeAttention(
    _ accumulators: inout AttentionAccumulators, _ target: FloatOutput, stride: Int, registers: Int, adds: Bool
) {
    forEachAttentionRow { row in
        let line = target + row * stride
        store(adds ? load(line) + accumulators[2 * row] : accumulators[2 * row], line)
        if registers == 2 {
            let right = accumulators[2 * row + 1]
            store(adds ? load(line + lanes) + right : right, line + lanes)
        }
    }
}

/// `target[i] = (or +=) panels[i] · b` for `rows` rows of packed panels, k steps long, `panelStride` floats apart.
@inline(__always) func multiplyPanels(
    rows: Int, k: Int, _ panels: FloatInput, panelStride: Int, _ b: FloatInput, into target: FloatOutput,
    registers: Int, adds: Bool
) {
    let width = registers * lanes
    var row = 0
    var panel = panels
    while row < rows {
        var accumulators = emptyAttentionTile()
        addAttentionProduct(to: &accumulators, k, panel, b, registers: registers)
        storeAttention(&accumulators, target + row * width, stride: width, registers: registers, adds: adds)
        row += attentionRows
        panel += panelStride
    }
}

/// Packs a block of queries, or of anything with a row a query: `target[channel][lane]`, zero in lanes without a query.
@inline(__always) func packQueries(
    _ source: FloatInput, stride: Int, count: Int, channels: Int, scale: Float, into target: FloatOutput, registers: Int
) {
    let width = registers * lanes
    packPanels(source, stride, 1, count, channels, width, scale, target)
}

/// Writes `target[lane * stride + channel] = source[channel][lane] * factors[lane]` for the first `count` lanes.
@inline(__always) func unpackQueries(
    _ source: FloatInput, factors: FloatInput, count: Int, channels: Int, into target: FloatOutput, stride: Int,
    registers: Int
) {
    let width = registers * lanes
    var lane = 0
    while lane < count {
        let lanesHere = min(4, count - lane)
        let factor = load4(factors + lane)
        var channel = 0
        while channel + 4 <= channels {
            let from = source + channel * width + lane
            let block = SIMD16<Float>(
                lowHalf: SIMD8(lowHalf: load4(from) * factor, highHalf: load4(from + width) * factor),
                highHalf: SIMD8(
                    lowHalf: load4(from + 2 * width) * factor, highHalf: load4(from + 3 * width) * factor))
            let to = target + lane * stride + channel
            store4(block.evenHalf.evenHalf, to)
            if lanesHere > 1 { store4(block.oddHalf.evenHalf, to + stride) }
            if lanesHere > 2 { store4(block.evenHalf.oddHalf, to + 2 * stride) }
            if lanesHere > 3 { store4(block.oddHalf.oddHalf, to + 3 * stride) }
            channel += 4
        }
        while channel < channels {
            for index in 0..<lanesHere {
                target[(lane + index) * stride + channel] =
                    source[channel * width + lane + index] * factors[lane + index]
            }
            channel += 1
        }
        lane += 4
    }
}
