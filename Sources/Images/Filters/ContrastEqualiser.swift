package import KernelABI
internal import Runtime

/// Contrast-limited adaptive histogram equalisation (CLAHE) of one channel.
///
/// The channel is cut into tiles of one size (mirrored at the right and lower edge where it does not divide). Of each
/// tile's histogram what exceeds the limit is spread evenly; its running sum is the tile's table, and each pixel's value
/// is interpolated between the tables of the four nearest tiles. As OpenCV's `createCLAHE`; K. Zuiderveld, "Contrast
/// limited adaptive histogram equalization", Graphics Gems IV, 1994.
package struct ContrastEqualiser {
    private let rows: Int
    private let columns: Int
    private let tileHeight: Int
    private let tileWidth: Int
    /// [rows, columns, 256]
    private let tables: [UInt8]
    /// [rows + 1, columns + 1, 256]: what a value becomes in the four tiles around each corner of tiles, the outermost
    /// repeated; upper left in the lowest byte, then upper right, lower left and lower right.
    private let quads: [UInt32]
    /// Runs of columns with the same tiles to their left and right.
    private let spans: [Range<Int>]
    /// How far each column is from the middle of the tile on its left, in tiles.
    private let shares: [Float]

    /// - Parameters:
    ///   - values: [height, width] bytes.
    ///   - clipLimit: of a histogram's entries, in means of them; at least 1.
    ///   - rows: of tiles.
    ///   - columns: of tiles.
    package init(_ values: [UInt8], height: Int, width: Int, clipLimit: Double, rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        // As OpenCV has it: one axis that does not divide makes both grow to the next multiple.
        let divides = height % rows == 0 && width % columns == 0
        let tall = divides ? height / rows : (height + rows - height % rows) / rows
        let wide = divides ? width / columns : (width + columns - width % columns) / columns
        tileHeight = tall
        tileWidth = wide
        let limit = max(1, Int(clipLimit * Double(tall * wide) / 256))
        var tables = [UInt8](repeating: 0, count: rows * columns * 256)
        tables.withUnsafeMutableBufferPointer { buffer in
            let tables = SharedBuffer(buffer.baseAddress.unsafelyUnwrapped, count: buffer.count)
            Workers.forEachChunk(of: rows * columns, grain: max(1, (1 << 16) / (tall * wide))) { tiles, _ in
                for tile in tiles {
                    var counts = TileHistogram.counts(
                        of: values, height: height, width: width,
                        rows: tile / columns * tall..<(tile / columns + 1) * tall,
                        columns: tile % columns * wide..<(tile % columns + 1) * wide)
                    TileHistogram.clip(&counts, limit: limit)
                    TileHistogram.table(of: counts, area: tall * wide, into: tables.base + 256 * tile)
                }
            }
        }
        self.tables = tables
        quads = Self.quads(of: tables, rows: rows, columns: columns)
        let places = (0..<width).map { Self.place($0, tile: wide) }
        shares = places.map(\.share)
        let starts = places.indices.filter { $0 == 0 || places[$0].tile != places[$0 - 1].tile }
        spans = zip(starts, starts.dropFirst() + [width]).map { $0..<$1 }
    }

    /// Between which tiles a row or column lies: the one before it, counted from -1, and how far it is from its middle.
    private static func place(_ position: Int, tile: Int) -> (tile: Int, share: Float) {
        // Times the inverse, as OpenCV has it: a quotient rounds otherwise.
        let place = Float(position) * (1 / Float(tile)) - 0.5
        let before = Int(place.rounded(.down))
        return (before, place - Float(before))
    }

    private static func quads(of tables: [UInt8], rows: Int, columns: Int) -> [UInt32] {
        func entry(_ row: Int, _ column: Int, _ value: Int) -> UInt32 {
            UInt32(tables[(min(rows - 1, max(0, row)) * columns + min(columns - 1, max(0, column))) * 256 + value])
        }
        var quads: [UInt32] = []
        quads.reserveCapacity((rows + 1) * (columns + 1) * 256)
        for row in -1..<rows {
            for column in -1..<columns {
                for value in 0..<256 {
                    let upper = entry(row, column, value) | entry(row, column + 1, value) << 8
                    let lower = entry(row + 1, column, value) | entry(row + 1, column + 1, value) << 8
                    quads.append(upper | lower << 16)
                }
            }
        }
        return quads
    }

    /// What a value at a place becomes: the definition, one value at a time.
    package func value(_ value: UInt8, row: Int, column: Int) -> UInt8 {
        let (top, shareY) = Self.place(row, tile: tileHeight)
        let (left, shareX) = Self.place(column, tile: tileWidth)
        func entry(_ row: Int, _ column: Int) -> Float {
            let tile = min(rows - 1, max(0, row)) * columns + min(columns - 1, max(0, column))
            return Float(tables[tile * 256 + Int(value)])
        }
        let upper = entry(top, left) * (1 - shareX) + entry(top, left + 1) * shareX
        let lower = entry(top + 1, left) * (1 - shareX) + entry(top + 1, left + 1) * shareX
        return UInt8(min(255, max(0, (upper * (1 - shareY) + lower * shareY).rounded(.toNearestOrEven))))
    }

    /// What the values of a whole row become; the same as ``value(_:row:column:)``.
    ///
    /// - Parameters:
    ///   - values: `width` of them.
    ///   - scratch: `ToneKernels.scratchCount` floats.
    ///   - output: room for `width` values.
    package func equalise(
        _ values: UnsafePointer<UInt8>, row: Int, _ kernels: ToneKernels, scratch: UnsafeMutablePointer<Float>,
        into output: UnsafeMutablePointer<UInt8>
    ) {
        let (top, shareY) = Self.place(row, tile: tileHeight)
        quads.withUnsafeBufferPointer { quads in
            shares.withUnsafeBufferPointer { shares in
                for span in spans {
                    let left = Self.place(span.lowerBound, tile: tileWidth).tile
                    let corner = ((top + 1) * (columns + 1) + left + 1) * 256
                    kernels.blendTables(
                        values + span.lowerBound, span.count, quads.baseAddress.unsafelyUnwrapped + corner,
                        shares.baseAddress.unsafelyUnwrapped + span.lowerBound, shareY, scratch,
                        output + span.lowerBound)
                }
            }
        }
    }
}
