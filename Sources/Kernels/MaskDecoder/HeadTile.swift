internal import KernelABI

/// Products between rows of several heads and a tile of a picture of which each head sees channels of its own, the same
/// for all prompts, and all heads see a few more: those of the prompt.
///
/// Shapes: H heads of N rows, R = H N; d channels of a head, r of the prompt, both multiples of 16, r may be 0; D = d + r. A
/// transposed tile is channels by cells, its rows of ``width`` floats.
struct HeadTile: Sendable {
    /// Cells of a tile, at most: whole panels at every level of the kernels.
    static let width = 128

    let heads: Int
    let tokens: Int
    let headSize: Int
    let own: Int
    let product: PanelProduct

    init(heads: Int, tokens: Int, headSize: Int, own: Int, _ product: PanelProduct) {
        // Heads lie side by side: a register that is not full would reach into the next one, or beyond the last.
        precondition(
            heads >= 1 && tokens >= 1 && headSize >= 16 && headSize % 16 == 0 && own >= 0 && own % 16 == 0,
            "\(heads) heads of \(tokens) tokens, \(headSize) channels and \(own) of the prompt: multiples of 16")
        self.heads = heads
        self.tokens = tokens
        self.headSize = headSize
        self.own = own
        self.product = product
    }

    var rows: Int { heads * tokens }
    /// Channels that a row sees.
    var depth: Int { headSize + own }
    /// Channels of all heads.
    var inner: Int { heads * headSize }

    private var headCount: Int { product.leftCount(rows: tokens, depth: headSize) }
    private var transposedHeadCount: Int { product.leftCount(rows: headSize, depth: tokens) }

    /// Floats of ``pack(_:into:)``.
    var packedCount: Int { heads * headCount + product.leftCount(rows: rows, depth: own) }
    /// Floats of ``packTransposed(_:into:)``.
    var transposedCount: Int { heads * transposedHeadCount + product.leftCount(rows: own, depth: rows) }
    /// Floats of the operand that ``weigh(_:shared:own:count:left:into:keep:)`` packs.
    var weighedCount: Int { product.leftCount(rows: tokens, depth: Self.width) }

    /// Packs a prompt's rows, [R, D], for ``scores(_:shared:own:count:into:)``.
    func pack(_ source: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
        for head in 0..<heads {
            product.packLeft(
                MatrixView(source + head * tokens * depth, rowStride: depth), rows: tokens, depth: headSize,
                into: packed + head * headCount)
        }
        if own == 0 { return }
        product.packLeft(
            MatrixView(source + headSize, rowStride: depth), rows: rows, depth: own, into: packed + heads * headCount)
    }

    /// Packs a prompt's rows, [R, D], for ``spread(_:_:count:shared:own:)``.
    func packTransposed(_ source: UnsafePointer<Float>, into packed: UnsafeMutablePointer<Float>) {
        for head in 0..<heads {
            product.packLeft(
                MatrixView(source + head * tokens * depth, rowStride: depth).transposed, rows: headSize,
                depth: tokens, into: packed + head * transposedHeadCount)
        }
        if own == 0 { return }
        product.packLeft(
            MatrixView(source + headSize, rowStride: depth).transposed, rows: own, depth: rows,
            into: packed + heads * transposedHeadCount)
    }

    /// Each row times each cell, over the channels that the row sees: [R, ``width``].
    ///
    /// - Parameters:
    ///   - packed: of ``pack(_:into:)``.
    ///   - shared: transposed tile of all heads' channels.
    ///   - ownTile: transposed tile of the prompt's.
    func scores(
        _ packed: UnsafePointer<Float>, shared: UnsafePointer<Float>, own ownTile: UnsafePointer<Float>, count: Int,
        into scores: UnsafeMutablePointer<Float>
    ) {
        let width = Self.width
        if own > 0 {
            product.multiply(
                left: packed + heads * headCount, rows: ownTile, step: width, m: rows, n: count, k: own, into: scores,
                ldc: width)
        }
        for head in 0..<heads {
            product.multiply(
                left: packed + head * headCount, rows: shared + head * headSize * width, step: width, m: tokens,
                n: count, k: headSize, beta: own > 0 ? 1 : 0, into: scores + head * tokens * width, ldc: width)
        }
    }

    /// For each row the sum over cells of its scores times the channels that it sees: adds to `sums`, [R, D], or writes
    /// them.
    ///
    /// - Parameters:
    ///   - scores: [R, ``width``].
    ///   - shared: a tile as it lies, [count, H d].
    ///   - ownTile: likewise, [count, r], or nil where r is 0.
    ///   - left: memory of ``weighedCount`` floats.
    ///   - keep: 0 or 1, the factor of what `sums` holds.
    func weigh(
        _ scores: UnsafePointer<Float>, shared: UnsafePointer<Float>, own ownTile: UnsafePointer<Float>?, count: Int,
        left: UnsafeMutablePointer<Float>, into sums: UnsafeMutablePointer<Float>, keep: Float
    ) {
        for head in 0..<heads {
            let target = sums + head * tokens * depth
            product.packLeft(
                MatrixView(scores + head * tokens * Self.width, rowStride: Self.width), rows: tokens, depth: count,
                into: left)
            product.multiply(
                left: left, rows: shared + head * headSize, step: inner, m: tokens, n: headSize, k: count, beta: keep,
                into: target, ldc: depth)
            guard let ownTile else { continue }
            product.multiply(
                left: left, rows: ownTile, step: own, m: tokens, n: own, k: count, beta: keep,
                into: target + headSize, ldc: depth)
        }
    }

    /// For each cell the sum over rows of its scores times the rows' numbers: adds to transposed tiles.
    ///
    /// - Parameters:
    ///   - packed: of ``packTransposed(_:into:)``.
    ///   - scores: [R, ``width``].
    ///   - shared: transposed tile of all heads' channels.
    ///   - ownTile: transposed tile of the prompt's, or nil where it is not wanted.
    func spread(
        _ packed: UnsafePointer<Float>, _ scores: UnsafePointer<Float>, count: Int,
        shared: UnsafeMutablePointer<Float>, own ownTile: UnsafeMutablePointer<Float>?
    ) {
        let width = Self.width
        for head in 0..<heads {
            product.multiply(
                left: packed + head * transposedHeadCount, rows: scores + head * tokens * width, step: width,
                m: headSize, n: count, k: tokens, beta: 1, into: shared + head * headSize * width, ldc: width)
        }
        guard let ownTile, own > 0 else { return }
        product.multiply(
            left: packed + heads * transposedHeadCount, rows: scores, step: width, m: own, n: count, k: rows, beta: 1,
            into: ownTile, ldc: width)
    }

    /// Transposes a tile of `channels`, [count, channels].
    func transpose(
        _ tile: UnsafePointer<Float>, channels: Int, count: Int, into target: UnsafeMutablePointer<Float>
    ) {
        product.lay(
            MatrixView(tile, rowStride: channels).transposed, rows: channels, columns: count, width: Self.width,
            into: target)
    }

    /// The way back: a tile as it lies, [count, channels], of a transposed one.
    func restore(
        _ tile: UnsafePointer<Float>, channels: Int, count: Int, into target: UnsafeMutablePointer<Float>
    ) {
        product.lay(
            MatrixView(tile, rowStride: Self.width).transposed, rows: count, columns: channels, width: channels,
            into: target)
    }
}
