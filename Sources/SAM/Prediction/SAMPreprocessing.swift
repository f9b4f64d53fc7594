private import Foundation
package import Images
private import Kernels
package import Masks
private import Runtime
package import Tensors

/// Turns images into the model's input, and low-resolution masks back into masks of the image's size.
///
/// Shapes: S side of the model's input, L side of low-resolution masks, H W of the image.
package struct SAMPreprocessing: Sendable, Hashable {
    /// Side of the model's input, in pixels.
    package let imageSize: Int
    /// Side of low-resolution masks, in pixels.
    package let lowResSize: Int
    private let pixelMean: [Float]
    private let pixelStd: [Float]

    package init(_ configuration: SAMConfiguration) {
        imageSize = configuration.imageSize
        lowResSize = configuration.lowResSize
        pixelMean = configuration.pixelMean
        pixelStd = configuration.pixelStd
    }

    /// How an image of the given size lies in the model's input.
    package func frame(height: Int, width: Int) -> ImageFrame {
        ImageFrame(height: height, width: width, imageSize: imageSize)
    }

    /// Scales (Pillow's bilinear filter, as the reference does), normalises, then pads with zeros right and below.
    ///
    /// - Returns: [1, S, S, 3], R G B last.
    package func input(_ image: RGBImage) -> Tensor {
        let frame = frame(height: image.height, width: image.width)
        let isSameSize = frame.scaledHeight == image.height && frame.scaledWidth == image.width
        let scaled = isSameSize ? image : image.resized(width: frame.scaledWidth, height: frame.scaledHeight)
        let normalisation = ByteNormalisation(mean: pixelMean, std: pixelStd)
        let side = imageSize * 3
        return Tensor(shape: [1, imageSize, imageSize, 3]) { target in
            scaled.pixels.withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                nonisolated(unsafe) let (source, target) = (base, target)
                Workers.forEachChunk(of: imageSize, grain: 16) { rows, _ in
                    for row in rows {
                        let filled = row < scaled.height ? scaled.width : 0
                        let start = target + row * side
                        normalisation.run(source + row * filled * 3, pixels: filled, into: start)
                        (start + filled * 3).initialize(repeating: 0, count: side - filled * 3)
                    }
                }
            }
        }
    }

    /// A mask of the image's size as a mask prompt: low-resolution logits, as if the model had predicted it.
    ///
    /// Formula: log(c / (1 - c)) of the share c of a low-resolution pixel that the mask covers, held within 0.001 and
    /// 0.999; the padding counts as outside. Pixels are sampled at 4 x 4 places.
    ///
    /// - Parameter mask: H * W.
    /// - Returns: L * L logits, row-major.
    package func maskPrompt(_ mask: Bitmap, frame: ImageFrame) -> [Float] {
        precondition(
            mask.height == frame.originalHeight && mask.width == frame.originalWidth,
            "a mask of \(mask.height) x \(mask.width) is not of the image's size")
        let cell = Double(imageSize) / Double(lowResSize)
        /// Pixels of the mask under the samples of one axis; nil in the padding.
        func samples(scale: Double, count: Int) -> [Int?] {
            (0..<lowResSize * 4).map { sample in
                let pixel = (Double(sample) + 0.5) / 4 * cell / scale
                return pixel < Double(count) ? Int(pixel) : nil
            }
        }
        let rows = samples(scale: frame.scaleY, count: mask.height)
        let columns = samples(scale: frame.scaleX, count: mask.width)
        var counts = [Int](repeating: 0, count: lowResSize * lowResSize)
        for (y, row) in rows.enumerated() {
            guard let row else { continue }
            for (x, column) in columns.enumerated() {
                guard let column, mask.pixels[row * mask.width + column] != 0 else { continue }
                counts[y / 4 * lowResSize + x / 4] += 1
            }
        }
        return counts.map { count in
            let share = min(0.999, max(0.001, Float(count) / 16))
            return logf(share / (1 - share))
        }
    }

    /// Low-resolution logits as logits of the image's size.
    ///
    /// Bilinear to S, the padding cut off, bilinear to the image's size: in two steps as in the reference, without
    /// antialiasing.
    ///
    /// - Parameters:
    ///   - lowResMask: L * L logits, row-major.
    ///   - frame: of the image that the mask is for.
    /// - Returns: H * W logits, row-major.
    package func logits(_ lowResMask: some Collection<Float>, frame: ImageFrame) -> [Float] {
        precondition(
            lowResMask.count == lowResSize * lowResSize,
            "\(lowResMask.count) logits are not a mask of \(lowResSize) x \(lowResSize)")
        let low = BilinearResize.Size(height: lowResSize, width: lowResSize)
        let square = BilinearResize.Size(height: imageSize, width: imageSize)
        let scaled = BilinearResize.Size(height: frame.scaledHeight, width: frame.scaledWidth)
        let original = BilinearResize.Size(height: frame.originalHeight, width: frame.originalWidth)
        let toInput = BilinearResize(source: low, target: square, kept: scaled, channels: 1)
        let toImage = BilinearResize(source: scaled, target: original, channels: 1)
        return [Float](unsafeUninitializedCapacity: original.height * original.width) { buffer, count in
            Array(lowResMask).withUnsafeBufferPointer { mask in
                guard let mask = mask.baseAddress, let target = buffer.baseAddress else { return }
                if scaled == original { return toInput.run(input: mask, output: target) }
                BufferPool.withBuffer(scaled.height * scaled.width) { middle in
                    toInput.run(input: mask, output: middle)
                    toImage.run(input: middle, output: target)
                }
            }
            count = original.height * original.width
        }
    }
}
