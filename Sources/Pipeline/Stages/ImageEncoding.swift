package import Images

/// How pixels that a stage has changed are written. Images that no stage changes keep their file's bytes.
package struct ImageEncoding: Sendable, Hashable {
    /// Nil for that of the image's own file.
    package var format: ImageFormat?
    /// Of JPEG, 1...100.
    package var quality = 95

    package init(format: ImageFormat? = nil, quality: Int = 95) {
        precondition((1...100).contains(quality), "JPEG quality \(quality) is not in 1...100")
        self.format = format
        self.quality = quality
    }

    /// - Parameter original: the format of the image's own file.
    func encode(_ image: RGBImage, original: ImageFormat) throws(ImageError) -> [UInt8] {
        switch format ?? original {
        case .png, .tiff: try ImageCodec.encodePNG(image)
        case .jpeg: try ImageCodec.encodeJPEG(image, quality: quality)
        }
    }

    /// About how many bytes an image will take; exact sizes are not needed, equal ones on every run are.
    func estimatedBytes(width: Int, height: Int, original: ImageFormat) -> Int {
        // Photographs: two bytes a pixel as PNG, half a byte as JPEG.
        (format ?? original) == .jpeg ? width * height / 2 : 2 * width * height
    }
}
