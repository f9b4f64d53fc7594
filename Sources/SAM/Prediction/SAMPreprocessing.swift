package import Images
private import Kernels
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
    package let recipe: PreprocessingRecipe

    package init(_ configuration: SAMConfiguration) {
        imageSize = configuration.imageSize
        lowResSize = configuration.lowResSize
        recipe = configuration.preprocessing
    }

    /// How an image of the given size lies in the model's input.
    package func frame(height: Int, width: Int) -> ImageFrame {
        ImageFrame(height: height, width: width, imageSize: imageSize, fit: recipe.fit)
    }

    /// Scales, normalises, then pads with zeros right and below, as the recipe says.
    ///
    /// - Returns: [1, S, S, 3], R G B last.
    package func input(_ image: RGBImage) -> Tensor {
        let frame = frame(height: image.height, width: image.width)
        if recipe.filter == .bilinear { return interpolated(image, frame: frame) }
        let source = recipe.range == .minMaxBytes ? image.stretchedToBytes() : image
        let isSameSize = frame.scaledHeight == image.height && frame.scaledWidth == image.width
        let scaled: RGBImage =
            switch recipe.filter {
            case .spline: source.splineResized(width: frame.scaledWidth, height: frame.scaledHeight)
            case .bilinear, .bilinearAntialiased:
                isSameSize ? source : source.resized(width: frame.scaledWidth, height: frame.scaledHeight)
            }
        let (offset, divisor) = range(of: scaled)
        let normalisation = ByteNormalisation(offset: offset, divisor: divisor, mean: recipe.mean, std: recipe.std)
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

    /// What is subtracted from a byte and what the rest is divided by, before mean and deviation.
    private func range(of image: RGBImage) -> (offset: Float, divisor: Float) {
        switch recipe.range {
        case .bytes, .minMaxBytes: return (0, 1)
        case .unit: return (0, 255)
        case .minMax:
            let (low, high) = image.valueRange
            return (Float(low), high > low ? Float(high - low) : 1e-8)
        }
    }

    /// Values first, then interpolation without antialiasing, then mean and deviation, all in floating point.
    private func interpolated(_ image: RGBImage, frame: ImageFrame) -> Tensor {
        let (offset, divisor) = range(of: image)
        let values = ByteNormalisation(offset: offset, divisor: divisor, mean: [0, 0, 0], std: [1, 1, 1])
        let source = Tensor(shape: [image.height * image.width * 3]) { target in
            image.pixels.withUnsafeBufferPointer { pixels in
                guard let base = pixels.baseAddress else { return }
                values.run(base, pixels: image.height * image.width, into: target)
            }
        }
        let resize = BilinearResize(
            source: BilinearResize.Size(height: image.height, width: image.width),
            target: BilinearResize.Size(height: frame.scaledHeight, width: frame.scaledWidth), channels: 3)
        let scaled = Tensor(shape: [frame.scaledHeight * frame.scaledWidth * 3]) { target in
            source.withUnsafeBuffer { buffer in
                guard let base = buffer.baseAddress else { return }
                resize.run(input: base, output: target)
            }
        }
        return Tensor(shape: [1, imageSize, imageSize, 3]) { target in
            scaled.withUnsafeBuffer { values in
                guard let base = values.baseAddress else { return }
                nonisolated(unsafe) let (source, target) = (base, target)
                Workers.forEachChunk(of: imageSize, grain: 16) { rows, _ in
                    for row in rows {
                        let filled = row < frame.scaledHeight ? frame.scaledWidth * 3 : 0
                        let (line, start) = (source + row * filled, target + row * imageSize * 3)
                        for index in 0..<filled {
                            start[index] = (line[index] - recipe.mean[index % 3]) / recipe.std[index % 3]
                        }
                        (start + filled).initialize(repeating: 0, count: imageSize * 3 - filled)
                    }
                }
            }
        }
    }
}
