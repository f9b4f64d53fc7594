/// A mask with one byte a pixel, 0 or 1, row-major [H, W].
package struct Bitmap: Sendable, Hashable {
    package let height: Int
    package let width: Int
    /// `height * width` bytes, each 0 or 1.
    package private(set) var pixels: [UInt8]

    /// An empty mask.
    package init(height: Int, width: Int) {
        precondition(height >= 0 && width >= 0, "a mask of \(height) x \(width) pixels")
        self.height = height
        self.width = width
        pixels = [UInt8](repeating: 0, count: height * width)
    }

    /// A mask of `height * width` bytes, row-major; anything but 0 counts as 1.
    package init(height: Int, width: Int, pixels: [UInt8]) {
        precondition(
            height >= 0 && width >= 0 && pixels.count == height * width,
            "\(pixels.count) bytes for a mask of \(height) x \(width) pixels")
        self.height = height
        self.width = width
        self.pixels = pixels.allSatisfy { $0 <= 1 } ? pixels : pixels.map { $0 == 0 ? 0 : 1 }
    }

    /// Makes the pixels in place: `initialise` gets all bytes, zeroed, and leaves each 0 or 1.
    package init(
        height: Int, width: Int, initialisingWith initialise: (UnsafeMutableBufferPointer<UInt8>) -> Void
    ) {
        self.init(height: height, width: width)
        pixels.withUnsafeMutableBufferPointer { initialise($0) }
    }

    /// Whether the pixel belongs to the mask.
    package subscript(row: Int, column: Int) -> Bool {
        get { pixels[index(row, column)] != 0 }
        set { pixels[index(row, column)] = newValue ? 1 : 0 }
    }

    /// The number of pixels that belong to the mask.
    package var area: Int {
        var total = 0
        // Bytes are summed in short stretches so that the inner loop vectorises in bytes.
        pixels.withUnsafeBufferPointer { bytes in
            for start in stride(from: 0, to: bytes.count, by: 255) {
                var part: UInt16 = 0
                for index in start..<min(start + 255, bytes.count) { part &+= UInt16(bytes[index]) }
                total += Int(part)
            }
        }
        return total
    }

    /// A window of the mask.
    package func cropped(rows: Range<Int>, columns: Range<Int>) -> Bitmap {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= height && columns.lowerBound >= 0
                && columns.upperBound <= width, "window of rows \(rows), columns \(columns) of \(height) x \(width)")
        return Bitmap(height: rows.count, width: columns.count) { target in
            for (line, row) in rows.enumerated() {
                let start = row * width
                for (offset, column) in columns.enumerated() {
                    target[line * columns.count + offset] = pixels[start + column]
                }
            }
        }
    }

    private func index(_ row: Int, _ column: Int) -> Int {
        precondition(
            row >= 0 && row < height && column >= 0 && column < width,
            "pixel (\(row), \(column)) of a mask of \(height) x \(width)")
        return row * width + column
    }
}
