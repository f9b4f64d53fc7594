/// One ring of a polygon, turned into the positions where the COCO mask API changes between background and foreground.
///
/// The API samples the outline densely on a grid five times as fine, truncating toward zero, and keeps for each pixel
/// column the samples where the outline steps over the column's middle. Those samples are computed here directly: an
/// edge costs as many steps as it crosses columns, whatever its length.
///
/// Source: `rleFrPoly` of cocodataset/cocoapi `common/maskApi.c`; equal bit for bit.
struct PolygonRasteriser {
    /// Sub-pixel steps per pixel.
    private static let scale = 5.0
    /// More column crossings than this in one ring are refused, so that a small file cannot ask for much memory.
    static let maximumCrossings = 1 << 22
    /// Up to this many crossings in a column are sorted by insertion.
    private static let insertionSortLimit = 24

    let height: Int
    let width: Int
    /// A vertex, and the edge from it to the next one. In 32 bits: most outlines then are so small that memory for them
    /// costs next to nothing.
    private struct Vertex {
        /// On the fine grid.
        var x: Int32
        var y: Int32
        /// Pixel columns whose middle the edge crosses.
        var span: Range<Int32> = 0..<0
    }

    /// The first one is repeated at the end.
    private let vertices: [Vertex]
    /// Pixel columns that the outline may cross.
    let columns: Range<Int>
    /// Pixel rows that the outline may fill, with one more on each side.
    let rows: Range<Int>

    /// - Parameter ring: x and y in turn, in pixels; a last number without a partner is ignored.
    /// - Throws: `MaskError.coordinate` for NaN, infinity, or more than 2^31 - 1 sub-pixel steps;
    ///   `MaskError.complexity` when the outline crosses more than ``maximumCrossings`` columns.
    init(ring: [Double], height: Int, width: Int) throws(MaskError) {
        self.height = height
        self.width = width
        let points = ring.count / 2
        var vertices: [Vertex] = []
        vertices.reserveCapacity(points + 1)
        var (smallest, largest) = (Int32.max, Int32.min)
        var (top, bottom) = (Int32.max, Int32.min)
        for index in 0..<points {
            let x = try Self.step(ring[2 * index])
            let y = try Self.step(ring[2 * index + 1])
            vertices.append(Vertex(x: x, y: y))
            top = min(top, y)
            bottom = max(bottom, y)
            smallest = min(smallest, x)
            largest = max(largest, x)
        }
        if let first = vertices.first {
            vertices.append(first)
        } else {
            (smallest, largest, top, bottom) = (0, 0, 0, 0)
        }
        let left = max(0, Self.firstColumn(Int(smallest)))
        let right = min(width, Self.endColumn(Int(largest)))
        columns = left..<max(left, right)
        let first = max(0, Self.row(of: Int(top), height: height) - 1)
        rows = first..<max(first, min(height, Self.row(of: Int(bottom), height: height) + 1))
        var crossings = columns.count
        for edge in 0..<points {
            let span = Self.crossed(from: Int(vertices[edge].x), to: Int(vertices[edge + 1].x), width: width)
            crossings += span.count
            vertices[edge].span = span
        }
        self.vertices = vertices
        guard crossings <= Self.maximumCrossings else {
            throw MaskError(
                .complexity,
                "the outline crosses \(crossings) pixel columns; at most \(Self.maximumCrossings) are drawn")
        }
    }

    /// A coordinate on the fine grid, truncated toward zero as a C cast does.
    @inline(__always)
    private static func step(_ coordinate: Double) throws(MaskError) -> Int32 {
        let value = scale * coordinate + 0.5
        guard abs(value) < 2_147_483_648 else {
            throw MaskError(.coordinate, "coordinate \(coordinate) is not a pixel position")
        }
        return Int32(value)
    }

    /// The first pixel column whose middle is at or right of fine-grid position `x`.
    @inline(__always)
    private static func firstColumn(_ x: Int) -> Int { x <= 2 ? 0 : (x + 2) / 5 }

    /// One past the last pixel column whose middle lies left of fine-grid position `x`.
    @inline(__always)
    private static func endColumn(_ x: Int) -> Int { x < 3 ? 0 : (x + 2) / 5 }

    /// Pixel columns whose middle an edge between two places crosses; as coordinates have 32 bits, columns have fewer.
    @inline(__always)
    private static func crossed(from a: Int, to b: Int, width: Int) -> Range<Int32> {
        let first = firstColumn(min(a, b))
        let end = min(width, endColumn(max(a, b)))
        return Int32(truncatingIfNeeded: first)..<Int32(truncatingIfNeeded: max(first, end))
    }

    /// The ring's mask.
    func mask() -> RLE {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: columns.count + 1) { ends in
            let total = starts(of: ends)
            return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: total) { rows in
                for edge in 0..<max(0, vertices.count - 1) { cross(edge, rows, ends) }
                return RLE(height: height, width: width, canonical: runs(rows, ends: ends))
            }
        }
    }

    /// Finds where each column's crossings start in a list of all, column after column.
    ///
    /// - Returns: the number of all crossings.
    private func starts(of columnStarts: UnsafeMutableBufferPointer<Int32>) -> Int {
        columnStarts.initialize(repeating: 0)
        let left = Int32(truncatingIfNeeded: columns.lowerBound)
        for vertex in vertices where !vertex.span.isEmpty {
            columnStarts[Int(vertex.span.lowerBound &- left)] &+= 1
            columnStarts[Int(vertex.span.upperBound &- left)] &-= 1
        }
        // From differences to counts, and from counts to starts.
        var total: Int32 = 0
        var open: Int32 = 0
        for index in columnStarts.indices {
            open &+= columnStarts[index]
            columnStarts[index] = total
            total &+= open
        }
        return Int(total)
    }

    /// The runs of the mask that changes at some places. As ``ToggleList`` would do it: two changes at one place cancel, and
    /// what is left becomes runs.
    ///
    /// - Parameters:
    ///   - rows: 0...height at which the outline crosses each column, column after column; sorted in each.
    ///   - ends: of each column's part of them.
    private func runs(
        _ rows: UnsafeMutableBufferPointer<UInt32>, ends: UnsafeMutableBufferPointer<Int32>
    ) -> [UInt32] {
        let pixels = UInt32(height * width)
        return [UInt32](unsafeUninitializedCapacity: rows.count + 1) { runs, count in
            // Of the last change. A run is what lies between two of them, so that taking one back is a subtraction.
            var last: UInt32 = 0
            var base = UInt32(truncatingIfNeeded: columns.lowerBound * height)
            var start = 0
            @inline(__always)
            func change(at position: UInt32) {
                if position == last && count > 0 {
                    count &-= 1
                    last &-= runs[count]
                } else {
                    runs[count] = position &- last
                    last = position
                    count &+= 1
                }
            }
            for column in 0..<columns.count {
                let end = Int(ends[column])
                if end &- start == 2 {
                    // Most columns are crossed twice; both at one place leave nothing.
                    let (a, b) = (rows[start], rows[start &+ 1])
                    if a != b {
                        change(at: base &+ min(a, b))
                        change(at: base &+ max(a, b))
                    }
                } else {
                    Self.sort(rows, start..<end)
                    for index in start..<end { change(at: base &+ rows[index]) }
                }
                start = end
                base &+= UInt32(truncatingIfNeeded: height)
            }
            if count > 0 && last == pixels {
                count &-= 1
                last &-= runs[count]
            }
            runs[count] = pixels &- last
            count &+= 1
        }
    }

    /// Adds the crossings of one edge, each at the end of its column's part.
    @inline(__always)
    private func cross(
        _ edge: Int, _ rows: UnsafeMutableBufferPointer<UInt32>, _ ends: UnsafeMutableBufferPointer<Int32>
    ) {
        let (from, to) = (vertices[edge], vertices[edge + 1])
        let crossed = Int(from.span.lowerBound)..<Int(from.span.upperBound)
        if crossed.isEmpty { return }
        var (x0, y0) = (Int(from.x), Int(from.y))
        var (x1, y1) = (Int(to.x), Int(to.y))
        let dx = abs(x1 - x0)
        let dy = abs(y1 - y0)
        let isFlat = dx >= dy
        if isFlat ? x0 > x1 : y0 > y1 {
            swap(&x0, &x1)
            swap(&y0, &y1)
        }
        if isFlat {
            let line = FlatLine(from: (x0, y0), to: (x1, y1))
            put(crossed, rows, ends) { line.samples(beside: $0) }
        } else {
            let line = SteepLine(from: (x0, y0), to: (x1, y1))
            put(crossed, rows, ends) { line.samples(beside: $0) }
        }
    }

    /// Adds an edge's crossings of some columns.
    ///
    /// - Parameter samples: of four columns, by the fine-grid positions of their middles.
    @inline(__always)
    private func put(
        _ crossed: Range<Int>, _ rows: UnsafeMutableBufferPointer<UInt32>, _ ends: UnsafeMutableBufferPointer<Int32>,
        samples: (SIMD4<Double>) -> SIMD4<Double>
    ) {
        let left = columns.lowerBound
        let height = Double(height)
        var middles = Double(5 &* crossed.lowerBound &+ 2) + SIMD4(0, 5, 10, 15)
        var column = crossed.lowerBound
        while column < crossed.upperBound {
            let found = samples(middles).rows(height: height)
            let more = crossed.upperBound &- column
            put(found[0], column &- left, rows, ends)
            if more > 1 { put(found[1], column &- left &+ 1, rows, ends) }
            if more > 2 { put(found[2], column &- left &+ 2, rows, ends) }
            if more > 3 { put(found[3], column &- left &+ 3, rows, ends) }
            column &+= 4
            middles += 20
        }
    }

    @inline(__always)
    private func put(
        _ row: UInt32, _ column: Int, _ rows: UnsafeMutableBufferPointer<UInt32>,
        _ ends: UnsafeMutableBufferPointer<Int32>
    ) {
        let slot = ends[column]
        rows[Int(slot)] = row
        ends[column] = slot &+ 1
    }

    /// The row from which on a crossing at a sample counts: ceil((sample + 0.5) / 5 - 0.5), clamped to the image.
    @inline(__always)
    private static func row(of sample: Int, height: Int) -> Int {
        sample <= 2 ? 0 : min((sample + 2) / 5, height)
    }

    @inline(__always)
    private static func sort(_ rows: UnsafeMutableBufferPointer<UInt32>, _ part: Range<Int>) {
        if part.count > insertionSortLimit {
            rows[part].sort()
            return
        }
        for index in part.dropFirst() {
            let row = rows[index]
            var hole = index
            while hole > part.lowerBound && rows[hole - 1] > row {
                rows[hole] = rows[hole - 1]
                hole -= 1
            }
            rows[hole] = row
        }
    }
}
