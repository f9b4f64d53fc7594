private import Foundation
package import Images
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
        var values = [Float](repeating: 0, count: imageSize * imageSize * 3)
        let mean = pixelMean
        let std = pixelStd
        for row in 0..<scaled.height {
            let source = row * scaled.width * 3
            let destination = row * imageSize * 3
            for column in 0..<scaled.width {
                for channel in 0..<3 {
                    let value = Float(scaled.pixels[source + column * 3 + channel])
                    values[destination + column * 3 + channel] = (value - mean[channel]) / std[channel]
                }
            }
        }
        return Tensor(values, shape: [1, imageSize, imageSize, 3])
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
        let low = Plane(height: lowResSize, width: lowResSize, values: Array(lowResMask))
        let input = low.resizedBilinear(
            height: imageSize, width: imageSize, keepingRows: frame.scaledHeight, columns: frame.scaledWidth)
        return input.resizedBilinear(
            height: frame.originalHeight, width: frame.originalWidth, keepingRows: frame.originalHeight,
            columns: frame.originalWidth
        ).values
    }
}
