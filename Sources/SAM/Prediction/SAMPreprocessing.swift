package import Images
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

    /// Low-resolution logits as logits of the image's size.
    ///
    /// Bilinear to S, the padding cut off, bilinear to the image's size: in two steps as in the reference, without
    /// antialiasing.
    ///
    /// - Parameter lowResMask: L * L logits, row-major.
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
