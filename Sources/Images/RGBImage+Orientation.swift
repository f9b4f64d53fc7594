extension RGBImage {
    /// The image turned upright, as its EXIF orientation says (EXIF 2.32, section 4.6.2).
    ///
    /// 1 as is, 2 mirrored left-right, 3 turned by 180 degrees, 4 mirrored top-bottom, 5 transposed, 6 turned
    /// clockwise, 7 transposed along the other diagonal, 8 turned counter-clockwise. 5 to 8 swap width and height.
    /// - Parameter exif: 1 to 8.
    package func oriented(exif: Int) -> RGBImage {
        precondition((1...8).contains(exif), "EXIF orientation \(exif) is not in 1...8")
        switch exif {
        case 2: return rearranged(transposed: false, fromRight: true, fromBottom: false)
        case 3: return rearranged(transposed: false, fromRight: true, fromBottom: true)
        case 4: return rearranged(transposed: false, fromRight: false, fromBottom: true)
        case 5: return rearranged(transposed: true, fromRight: false, fromBottom: false)
        case 6: return rearranged(transposed: true, fromRight: false, fromBottom: true)
        case 7: return rearranged(transposed: true, fromRight: true, fromBottom: true)
        case 8: return rearranged(transposed: true, fromRight: true, fromBottom: false)
        default: return self
        }
    }

    /// The image with its axes exchanged or reversed.
    ///
    /// Pixel (row, column) of the result is source pixel (r, c), where (r, c) is (row, column), exchanged when
    /// `transposed`, then c counted from the right and r from the bottom where asked.
    package func rearranged(transposed: Bool, fromRight: Bool, fromBottom: Bool) -> RGBImage {
        let outHeight = transposed ? width : height
        let outWidth = transposed ? height : width
        // Source offset = origin + row * rowStep + column * columnStep, in pixels.
        let origin = (fromBottom ? (height - 1) * width : 0) + (fromRight ? width - 1 : 0)
        let vertical = fromBottom ? -width : width
        let horizontal = fromRight ? -1 : 1
        let rowStep = transposed ? horizontal : vertical
        let columnStep = transposed ? vertical : horizontal
        let pixels = [UInt8](unsafeUninitializedCapacity: self.pixels.count) { out, count in
            self.pixels.withUnsafeBufferPointer { source in
                var target = 0
                for row in 0..<outHeight {
                    var offset = (origin + row * rowStep) * 3
                    for _ in 0..<outWidth {
                        out[target] = source[offset]
                        out[target + 1] = source[offset + 1]
                        out[target + 2] = source[offset + 2]
                        target += 3
                        offset += columnStep * 3
                    }
                }
            }
            count = self.pixels.count
        }
        return RGBImage(height: outHeight, width: outWidth, pixels: pixels)
    }
}
