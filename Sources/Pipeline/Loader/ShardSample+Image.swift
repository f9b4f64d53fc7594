package import Images
private import Runtime
package import Shards

extension ShardSample {
    /// The image's pixels in the frame of masks and boxes: decoded, and turned where the record says so.
    ///
    /// - Throws: `ImageError` when the bytes cannot be decoded, `PipelineError.imageSize` when the pixels are not of the
    ///   record's size; both name the image.
    package func decodedImage() throws -> RGBImage {
        let location = DataLocation(path: fileName, imageID: imageID)
        let image: RGBImage
        do throws(ImageError) {
            image = try ImageCodec.decodeRGB(encoded).oriented(exif: exifOrientation)
        } catch {
            throw ImageError(error.code, error.message, location: location, cause: error.cause)
        }
        guard image.width == width, image.height == height else {
            throw PipelineError(
                .imageSize,
                "the image has \(image.width) x \(image.height) pixels, its record says \(width) x \(height)",
                location: location)
        }
        return image
    }
}
