internal import KernelABI

// The register tile: as many accumulators as leave room for one row of B and one broadcast of A.
// An InlineArray indexed by constants after unrolling lives in registers (checked in the assembly).
#if KERNEL_WIDE
    @inline(__always) var tileRows: Int { 12 }
    typealias TileAccumulators = InlineArray<24, Vector>
#else
    @inline(__always) var tileRows: Int { 6 }
    typealias TileAccumulators = InlineArray<12, Vector>
#endif

/// Columns of the register tile: two registers.
@inline(__always) var tileColumns: Int { 2 * lanes }

/// The sum over k of one panel of A (k by `tileRows`) times one panel of B (k by `tileColumns`).
@inline(__always) func tileProduct(_ k: Int, _ a: FloatInput, _ b: FloatInput) -> TileAccumulators {
    var accumulators = TileAccumulators(repeating: .zero)
    var a = a
    var b = b
    for _ in 0..<k {
        let left = load(b)
        let right = load(b + lanes)
        for row in 0..<tileRows {
            let factor = splat(a[row])
            accumulators[2 * row] = madd(accumulators[2 * row], factor, left)
            accumulators[2 * row + 1] = madd(accumulators[2 * row + 1], factor, right)
        }
        a += tileRows
        b += tileColumns
    }
    return accumulators
}

/// `c = accumulators + beta * c` for a whole tile.
@inline(__always) func storeTile(_ accumulators: TileAccumulators, _ beta: Float, _ c: FloatOutput, _ ldc: Int) {
    if beta == 0 {
        for row in 0..<tileRows {
            store(accumulators[2 * row], c + row * ldc)
            store(accumulators[2 * row + 1], c + row * ldc + lanes)
        }
    } else {
        let factor = splat(beta)
        for row in 0..<tileRows {
            let target = c + row * ldc
            store(madd(accumulators[2 * row], factor, load(target)), target)
            store(madd(accumulators[2 * row + 1], factor, load(target + lanes)), target + lanes)
        }
    }
}

/// The same for the first `rows` by `columns` elements of a tile at the matrix's edge.
@inline(__always) func storePartialTile(
    _ accumulators: TileAccumulators, _ beta: Float, _ c: FloatOutput, _ ldc: Int, rows: Int, columns: Int
) {
    withUnsafeBytes(of: accumulators) { bytes in
        let tile = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
        for row in 0..<rows {
            let source = tile + row * tileColumns
            let target = c + row * ldc
            if beta == 0 {
                for column in 0..<columns { target[column] = source[column] }
            } else {
                for column in 0..<columns { target[column] = madd(source[column], beta, target[column]) }
            }
        }
    }
}
