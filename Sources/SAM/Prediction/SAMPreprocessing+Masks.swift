private import Foundation
private import Kernels
package import Masks

extension SAMPreprocessing {
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

    /// Low-resolution logits as logits of the image's size; above 0 is inside.
    ///
    /// Bilinear to S, the padding cut off, bilinear to the image's size: in two steps as in the reference, without
    /// antialiasing. Recipes of other families go straight to the image's size: bicubic, or bilinear between
    /// probabilities, of which then 0.5 is taken away.
    ///
    /// - Parameters:
    ///   - lowResMask: L * L logits, row-major.
    ///   - frame: of the image that the mask is for.
    /// - Returns: H * W logits, row-major.
    package func logits(_ lowResMask: some Collection<Float>, frame: ImageFrame) -> [Float] {
        precondition(
            lowResMask.count == lowResSize * lowResSize,
            "\(lowResMask.count) logits are not a mask of \(lowResSize) x \(lowResSize)")
        switch recipe.maskScaling {
        case .bilinear: return twoStepLogits(lowResMask, frame: frame)
        case .bicubic:
            return BicubicResize(
                source: (lowResSize, lowResSize), target: (frame.originalHeight, frame.originalWidth)
            ).run(Array(lowResMask))
        case .bilinearProbability: return probabilities(lowResMask, frame: frame)
        }
    }

    private func probabilities(_ lowResMask: some Collection<Float>, frame: ImageFrame) -> [Float] {
        let resize = BilinearResize(
            source: BilinearResize.Size(height: lowResSize, width: lowResSize),
            target: BilinearResize.Size(height: frame.originalHeight, width: frame.originalWidth), channels: 1)
        let low = lowResMask.map { 1 / (1 + expf(-$0)) - 0.5 }
        return [Float](unsafeUninitializedCapacity: frame.originalHeight * frame.originalWidth) { buffer, count in
            low.withUnsafeBufferPointer { mask in
                guard let mask = mask.baseAddress, let target = buffer.baseAddress else { return }
                resize.run(input: mask, output: target)
            }
            count = frame.originalHeight * frame.originalWidth
        }
    }

    private func twoStepLogits(_ lowResMask: some Collection<Float>, frame: ImageFrame) -> [Float] {
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
