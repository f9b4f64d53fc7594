/// Erosion and boundaries. What lies outside the image is background.
extension Bitmap {
    /// Erosion by a 3 x 3 square, `iterations` times: the pixels whose square of side `2 * iterations + 1` is all mask.
    ///
    /// - Complexity: O(pixels), whatever the number of iterations.
    package func eroded(iterations: Int = 1) -> Bitmap {
        precondition(iterations >= 0, "\(iterations) erosions")
        if iterations == 0 { return self }
        let side = 2 * iterations + 1
        let (height, width) = (height, width)
        return Bitmap(height: height, width: width) { result in
            // How many rows, this one included, the mask reaches upwards in each column.
            var depths = [Int32](repeating: 0, count: width)
            pixels.withUnsafeBufferPointer { pixels in
                for row in 0..<height {
                    let start = row * width
                    for column in 0..<width {
                        depths[column] = pixels[start + column] == 0 ? 0 : depths[column] + 1
                    }
                    guard row + 1 >= side else { continue }
                    let target = (row - iterations) * width
                    var run = 0
                    for column in 0..<width {
                        run = depths[column] >= side ? run + 1 : 0
                        if run >= side { result[target + column - iterations] = 1 }
                    }
                }
            }
        }
    }

    /// The band of the mask along its border, `thickness` pixels wide: the mask without its erosion.
    package func boundary(thickness: Int = 1) -> Bitmap { subtracting(eroded(iterations: thickness)) }

    /// The pixels of the mask that have a background pixel to the left, right, above or below.
    package func edge() -> Bitmap {
        let (height, width) = (height, width)
        return Bitmap(height: height, width: width) { result in
            pixels.withUnsafeBufferPointer { pixels in
                for row in 0..<height {
                    for column in 0..<width {
                        let index = row * width + column
                        let isInner =
                            row > 0 && row + 1 < height && column > 0 && column + 1 < width
                            && pixels[index - width] & pixels[index + width] & pixels[index - 1] & pixels[index + 1]
                                == 1
                        result[index] = isInner ? 0 : pixels[index]
                    }
                }
            }
        }
    }

    /// The pixels of this mask that are not in the other.
    package func subtracting(_ other: Bitmap) -> Bitmap {
        combined(with: other) { $0 & ~$1 }
    }

    /// The pixels of both masks.
    package func intersection(_ other: Bitmap) -> Bitmap {
        combined(with: other) { $0 & $1 }
    }

    /// The pixels of either mask.
    package func union(_ other: Bitmap) -> Bitmap {
        combined(with: other) { $0 | $1 }
    }

    @inline(__always)
    private func combined(with other: Bitmap, _ rule: (UInt8, UInt8) -> UInt8) -> Bitmap {
        precondition(
            height == other.height && width == other.width,
            "masks of \(height) x \(width) and \(other.height) x \(other.width) pixels")
        return Bitmap(height: height, width: width) { result in
            pixels.withUnsafeBufferPointer { a in
                other.pixels.withUnsafeBufferPointer { b in
                    for index in 0..<result.count { result[index] = rule(a[index], b[index]) }
                }
            }
        }
    }
}
