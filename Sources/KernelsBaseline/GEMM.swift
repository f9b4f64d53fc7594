internal import KernelABI

/// The two loops around the register tile; see ``GEMMBlock``. A panel of B stays in the first-level cache while A's
/// panels, which are in the second level, pass by.
@inline(never) func multiplyBlock(_ block: GEMMBlock) {
    var column = 0
    while column < block.n {
        let columns = min(tileColumns, block.n - column)
        let b = block.b + column * block.k
        var row = 0
        while row < block.m {
            let rows = min(tileRows, block.m - row)
            let c = block.c + row * block.ldc + column
            let accumulators = tileProduct(block.k, block.a + row * block.k, b)
            if rows == tileRows && columns == tileColumns {
                storeTile(accumulators, block.beta, c, block.ldc)
            } else {
                storePartialTile(accumulators, block.beta, c, block.ldc, rows: rows, columns: columns)
            }
            row += tileRows
        }
        switch block.activation {
        // A pattern, as `!=` would bring in a function that every CPU level has under the same name.
        case .identity where block.bias == nil: break
        default: finishStrip(block, column: column, columns: columns)
        }
        column += tileColumns
    }
}

/// Adds the bias to one strip of columns and applies the activation, while the strip is in the first-level cache.
@inline(__always) func finishStrip(_ block: GEMMBlock, column: Int, columns: Int) {
    let zero = Vector.zero
    var part = 0
    while part < columns {
        let count = min(lanes, columns - part)
        let isWhole = count == lanes
        var bias = zero
        if let source = block.bias {
            bias = isWhole ? load(source + column + part) : loadPartial(source + column + part, count)
        }
        for row in 0..<block.m {
            let c = block.c + row * block.ldc + column + part
            var value = (isWhole ? load(c) : loadPartial(c, count)) + bias
            switch block.activation {
            case .identity: break
            case .relu: value = value.replacing(with: zero, where: value .< zero)
            case .gelu: value = geluValue(value)
            }
            if isWhole { store(value, c) } else { storePartial(value, c, count) }
        }
        part += lanes
    }
}
