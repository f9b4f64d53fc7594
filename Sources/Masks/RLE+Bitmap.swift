private import Foundation

/// Between runs and pixels.
extension RLE {
    /// Encodes a bitmap of at most 2^32 - 1 pixels, as `encode` of the COCO mask API.
    package init(_ bitmap: Bitmap) {
        let pixels = bitmap.height * bitmap.width
        precondition(pixels <= Self.maximumPixels, "a bitmap of \(pixels) pixels has runs that no RLE can hold")
        self.init(
            height: bitmap.height, width: bitmap.width,
            canonical: ColumnToggles(bitmap).toggleList(height: bitmap.height).counts(pixels: pixels))
    }

    /// Encodes column-major bytes, anything but 0 being foreground: the layout that the COCO mask API encodes.
    ///
    /// - Throws: `MaskError.size` over 2^32 - 1 pixels.
    package init(height: Int, width: Int, columnMajor bytes: [UInt8]) throws(MaskError) {
        let pixels = try Self.pixelCount(height: height, width: width)
        precondition(bytes.count == pixels, "\(bytes.count) bytes for a mask of \(height) x \(width)")
        var toggles = ToggleList()
        var isInside = false
        for (position, byte) in bytes.enumerated() where (byte != 0) != isInside {
            isInside.toggle()
            toggles.toggle(at: position)
        }
        self.init(height: height, width: width, canonical: toggles.counts(pixels: pixels))
    }

    /// The mask's pixels, row-major.
    package func bitmap() -> Bitmap {
        Bitmap(height: height, width: width) { pixels in fill(pixels) }
    }

    /// Writes the mask's pixels, row-major, over whatever `pixels` holds.
    ///
    /// - Parameter pixels: `height * width` bytes.
    package func decode(into pixels: UnsafeMutableBufferPointer<UInt8>) {
        precondition(pixels.count == pixelCount, "\(pixels.count) bytes for a mask of \(height) x \(width)")
        pixels.update(repeating: 0)
        fill(pixels)
    }

    /// The mask's pixels, column-major, as `decode` of the COCO mask API returns them.
    package func columnMajorBytes() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: pixelCount) { bytes, count in
            decodeColumnMajor(into: UnsafeMutableBufferPointer(rebasing: bytes[..<pixelCount]))
            count = pixelCount
        }
    }

    /// Writes the mask's pixels, column-major, over whatever `bytes` holds.
    package func decodeColumnMajor(into bytes: UnsafeMutableBufferPointer<UInt8>) {
        precondition(bytes.count == pixelCount, "\(bytes.count) bytes for a mask of \(height) x \(width)")
        guard let base = bytes.baseAddress else { return }
        var position = 0
        var value: Int32 = 0
        for count in counts {
            memset(base + position, value, Int(count))
            position += Int(count)
            value ^= 1
        }
    }

    /// Sets the foreground of zeroed row-major pixels.
    ///
    /// Rows are filled from run to run. A mask that changes too often for that is written column by column.
    private func fill(_ pixels: UnsafeMutableBufferPointer<UInt8>) {
        guard !isEmpty, let base = pixels.baseAddress else { return }
        guard let toggles = RowToggles(self, limit: max(1024, pixelCount / 8)) else {
            fillColumns(base)
            return
        }
        var index = 0
        for row in 0..<height {
            let end = toggles.ends[row]
            let start = base + row * width
            while index < end {
                let from = Int(toggles.columns[index])
                let to = index + 1 < end ? Int(toggles.columns[index + 1]) : width
                Self.fillSpan(start + from, to - from)
                index += 2
            }
            index = end
        }
    }

    /// Short spans are set in a loop: a call of `memset` costs more than they do.
    @inline(__always)
    private static func fillSpan(_ start: UnsafeMutablePointer<UInt8>, _ count: Int) {
        if count > 16 {
            memset(start, 1, count)
        } else {
            for offset in 0..<count { start[offset] = 1 }
        }
    }

    private func fillColumns(_ base: UnsafeMutablePointer<UInt8>) {
        let segments = ColumnSegments(self)
        for group in segments.groups {
            for range in segments.rows[group.segments] {
                for row in range {
                    Self.fillSpan(base + row * width + group.columns.lowerBound, group.columns.count)
                }
            }
        }
    }
}
