internal import KernelABI
internal import Kernels
internal import Runtime

extension RGBImage {
    /// The image with its lightness (L* of CIE L*a*b*) equalised tile by tile, hue and chroma kept.
    /// - Parameters:
    ///   - clipLimit: of a histogram's entries, in means of them; at least 1.
    ///   - rows: of tiles, at least 1.
    ///   - columns: of tiles, at least 1.
    package func contrastEqualised(clipLimit: Double, rows: Int, columns: Int) -> RGBImage {
        precondition(rows > 0 && columns > 0 && clipLimit >= 1, "\(rows) x \(columns) tiles, limit \(clipLimit)")
        let lightness = Lightness.shared
        let tones = Kernels.table.pixels.tones
        let values = Self.filled(rows: height, rowBytes: width) { rows, out in
            Self.withLine(of: width) { _, scratch in
                pixels.withUnsafeBufferPointer { source in
                    for row in rows {
                        lightness.values(
                            of: source.baseAddress.unsafelyUnwrapped + row * width * 3, count: width, tones,
                            scratch: scratch, into: out + row * width)
                    }
                }
            }
        }
        let equaliser = ContrastEqualiser(
            values, height: height, width: width, clipLimit: clipLimit, rows: rows, columns: columns)
        let equalised = Self.filled(rows: height, rowBytes: width * 3) { rows, out in
            Self.withLine(of: width) { line, scratch in
                pixels.withUnsafeBufferPointer { source in
                    values.withUnsafeBufferPointer { values in
                        for row in rows {
                            let old = values.baseAddress.unsafelyUnwrapped + row * width
                            equaliser.equalise(old, row: row, tones, scratch: scratch, into: line)
                            lightness.move(
                                source.baseAddress.unsafelyUnwrapped + row * width * 3, from: old, to: line,
                                count: width, tones, scratch: scratch, into: out + row * width * 3)
                        }
                    }
                }
            }
        }
        return RGBImage(height: height, width: width, pixels: equalised)
    }

    /// The same pixel by pixel: the definition, which the kernels are compared with.
    package func contrastEqualisedOneByOne(clipLimit: Double, rows: Int, columns: Int) -> RGBImage {
        let lightness = Lightness.shared
        let values = (0..<height * width).map {
            lightness.value(pixels[3 * $0], pixels[3 * $0 + 1], pixels[3 * $0 + 2])
        }
        let equaliser = ContrastEqualiser(
            values, height: height, width: width, clipLimit: clipLimit, rows: rows, columns: columns)
        var equalised: [UInt8] = []
        equalised.reserveCapacity(pixels.count)
        for (pixel, old) in values.enumerated() {
            let new = equaliser.value(old, row: pixel / width, column: pixel % width)
            let (red, green, blue) = lightness.colour(
                pixels[3 * pixel], pixels[3 * pixel + 1], pixels[3 * pixel + 2], change: Int(new) - Int(old))
            equalised += [red, green, blue]
        }
        return RGBImage(height: height, width: width, pixels: equalised)
    }

    /// Memory for a line of values, and for the kernels.
    private static func withLine(
        of width: Int, _ body: (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<Float>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: width) { line in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: ToneKernels.scratchCount) { scratch in
                body(line.baseAddress.unsafelyUnwrapped, scratch.baseAddress.unsafelyUnwrapped)
            }
        }
    }
}
