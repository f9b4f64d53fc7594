private import Checkpoints
internal import Images
private import Masks
private import Runtime
internal import SAM

/// A mask to start from: a picture somebody drew, or the logits of an earlier prediction.
enum RoughMask {
    /// The tensor of logits in files that `predict --logits` writes.
    static let logitsName = "low_res_logits"

    /// Logits for a prompt.
    ///
    /// - Parameters:
    ///   - path: PNG or JPEG of the image's size, above 0 inside; or safetensors with logits of one mask.
    ///   - image: what the mask is for.
    ///   - preprocessing: of the model that is asked.
    /// - Throws: `PredictError` for a mask of another size, or without a pixel; `FileError`, `ImageError`, `CheckpointError`.
    static func logits(_ path: String, image: RGBImage, preprocessing: SAMPreprocessing) throws -> [Float] {
        if path.hasSuffix(".safetensors") { return try earlier(path, side: preprocessing.lowResSize) }
        let frame = preprocessing.frame(height: image.height, width: image.width)
        return preprocessing.maskPrompt(try drawn(path, for: image), frame: frame)
    }

    private static func earlier(_ path: String, side: Int) throws -> [Float] {
        let state = try SafeTensors.read(path)
        guard let logits = state[logitsName], logits.elementCount == side * side,
            logits.shape.suffix(2) == [side, side]
        else {
            let found = state[logitsName].map { "\($0.shape)" } ?? "not there"
            throw PredictError(
                .maskSize, "\(logitsName) is \(found); the model takes one mask of \(side) x \(side) logits", path: path
            )
        }
        let values = logits.floats()
        guard values.allSatisfy(\.isFinite) else {
            throw PredictError(.maskSize, "\(logitsName) holds numbers that are not finite", path: path)
        }
        return values
    }

    private static func drawn(_ path: String, for image: RGBImage) throws -> Bitmap {
        let labels: LabelImage
        let bytes = try FileSystem.read(path)
        do throws(ImageError) {
            labels = try ImageCodec.decodeLabels(bytes)
        } catch {
            throw error.located(at: path)
        }
        guard labels.height == image.height, labels.width == image.width else {
            throw PredictError(
                .maskSize,
                "the mask is \(labels.width) x \(labels.height) pixels; the image is \(image.width) x \(image.height)",
                path: path)
        }
        // Of a colour image, any channel above 0 counts.
        let pixels = (0..<labels.height * labels.width).map { pixel -> UInt8 in
            let values = labels.values[pixel * labels.channels..<(pixel + 1) * labels.channels]
            return values.contains { $0 > 0 } ? 1 : 0
        }
        guard pixels.contains(1) else {
            throw PredictError(.emptyMask, "the mask has no pixel above 0, so it shows no object", path: path)
        }
        return Bitmap(height: labels.height, width: labels.width, pixels: pixels)
    }
}
