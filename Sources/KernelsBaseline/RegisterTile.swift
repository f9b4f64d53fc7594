internal import KernelABI

// The register tile: as many accumulators as leave room for one row of B and one broadcast of A.
// An InlineArray indexed by constants lives in registers (checked in the assembly). One that a loop indexes does not,
// unless the compiler unrolls the loop early, which it did for the product and not for the stores: a tile was written to
// the stack 24 times to be stored once. So every loop over its rows is `forEachTileRow`, unrolled by hand.
#if KERNEL_WIDE
    @inline(always) var tileRows: Int { 12 }
    typealias TileAccumulators = InlineArray<24, Vector>
#else
    @inline(always) var tileRows: Int { 6 }
    typealias TileAccumulators = InlineArray<12, Vector>
#endif

/// Columns of the register tile: two registers.
@inline(always) var tileColumns: Int { 2 * lanes }

/// Steps of a packed panel. The time to store a tile is shared by so many steps; both divide 768, 1536 and 3072.
/// At v4 a panel of A (18 KB) stays in the first-level cache while panels of B stream through it: two registers of B last
/// for 24 cycles. Elsewhere the tile asks for B twice as fast, and B's panel (16 KB or less) must stay, with A's beside it.
@inline(always) var panelDepth: Int {
    #if KERNEL_WIDE
        384
    #else
        256
    #endif
}

/// A tile of zeros. A literal, as `InlineArray(repeating:)` is a call that fills memory.
@inline(always) func emptyTile() -> TileAccumulators {
    let o = Vector.zero
    #if KERNEL_WIDE
        return [o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o]
    #else
        return [o, o, o, o, o, o, o, o, o, o, o, o]
    #endif
}

/// Calls `body` with 0 ..< rows, each a constant; `rows` is a literal, at most `tileRows`.
@inline(always) func forEachTileRow(_ rows: Int, _ body: (Int) -> Void) {
    if rows > 0 { body(0) }
    if rows > 1 { body(1) }
    if rows > 2 { body(2) }
    if rows > 3 { body(3) }
    if rows > 4 { body(4) }
    if rows > 5 { body(5) }
    #if KERNEL_WIDE
        if rows > 6 { body(6) }
        if rows > 7 { body(7) }
        if rows > 8 { body(8) }
        if rows > 9 { body(9) }
        if rows > 10 { body(10) }
        if rows > 11 { body(11) }
    #endif
}

/// Adds the product of one panel of A (k by `tileRows`) and one panel of B (k steps of `tileColumns`, `step` floats
/// apart) to the first `rows` rows and `registers` registers of the tile.
///
/// `rows` and `registers` are literals in every call, so that the loops over them disappear.
@inline(always) func addTileProduct(
    to accumulators: inout TileAccumulators, _ k: Int, _ a: FloatInput, _ b: FloatInput, step: Int, rows: Int,
    registers: Int
) {
    var a = a
    var b = b
    for _ in 0..<k {
        let left = load(b)
        let right = registers == 2 ? load(b + lanes) : left
        forEachTileRow(rows) { row in
            let factor = splat(a[row])
            accumulators[2 * row] = madd(accumulators[2 * row], factor, left)
            if registers == 2 { accumulators[2 * row + 1] = madd(accumulators[2 * row + 1], factor, right) }
        }
        a += tileRows
        b += step
    }
}

/// Writes the tile's first `rows` rows and `registers` registers to `target`, rows of `stride` floats.
@inline(always) func storeTile(
    _ accumulators: inout TileAccumulators, _ target: FloatOutput, stride: Int, rows: Int, registers: Int
) {
    forEachTileRow(rows) { row in
        store(accumulators[2 * row], target + row * stride)
        if registers == 2 { store(accumulators[2 * row + 1], target + row * stride + lanes) }
    }
}
