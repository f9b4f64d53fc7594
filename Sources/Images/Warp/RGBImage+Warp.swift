internal import KernelABI
internal import Kernels
internal import Runtime

extension RGBImage {
    /// The warped image: each pixel is a blend of the four source pixels around its place.
    ///
    /// Places are rounded to 1/65536 of a pixel and shares to 1/128; a result differs by at most two levels from exact
    /// arithmetic. The result depends neither on the worker count nor on the machine.
    /// - Parameters:
    ///   - warp: where the pixels come from.
    ///   - rows: of the source that may be looked at; not empty.
    ///   - columns: likewise.
    ///   - fill: the colour of what lies outside of them.
    package func warped(
        by warp: some PixelWarp, rows: Range<Int>, columns: Range<Int>, fill: RGBColour
    ) -> RGBImage {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= height && columns.lowerBound >= 0
                && columns.upperBound <= width && !rows.isEmpty && !columns.isEmpty,
            "rows \(rows), columns \(columns) of \(height) x \(width) pixels")
        let outWidth = warp.width
        let kernels = Kernels.table.pixels
        let warped = Self.filled(rows: warp.height, rowBytes: outWidth * 3) { chunk, out in
            pixels.withUnsafeBufferPointer { source in
                let sampler = BilinearSampler(
                    source: source.baseAddress.unsafelyUnwrapped, height: height, width: width, rows: rows,
                    columns: columns, fill: fill, kernels: kernels)
                // Block by block: neighbouring lines of a block look at the same source pixels, which a whole turned line
                // would have driven from the caches before the next one comes. Short stretches also keep what a step
                // loses by rounding below 1/250 of a pixel.
                for first in stride(from: 0, to: outWidth, by: Self.warpBlock) {
                    let columns = first..<min(outWidth, first + Self.warpBlock)
                    for row in chunk {
                        let line = out + row * outWidth * 3
                        warp.forEachStretch(row: row, columns: columns) { stretch in
                            sampler.draw(stretch, into: line + 3 * stretch.columns.lowerBound)
                        }
                    }
                }
            }
        }
        return RGBImage(height: warp.height, width: outWidth, pixels: warped)
    }

    /// Columns of a block.
    private static let warpBlock = 256
}
