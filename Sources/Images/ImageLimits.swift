/// How large an image may claim to be, so that a small hostile file cannot ask for much memory or time.
enum ImageLimits {
    /// Pixels of any image: 16,384 x 16,384.
    static let pixels = 1 << 28

    /// Deflate's best case: 258 bytes from two bits.
    static let deflateRatio = 1032

    /// Pixels that one byte of JPEG may stand for. A blank gray progressive JPEG spends one bit on each 8 x 8 block,
    /// 512 pixels a byte; 2048 leaves room for uneven sampling factors. Arithmetic coding could go beyond and is
    /// refused there.
    static let jpegPixelsPerByte = 2048

    /// Scans of a progressive JPEG: encoders write about ten; each scan costs time in proportion to the image's size,
    /// however few bytes it has.
    static let jpegScans = 100

    /// - Throws: `ImageError.tooLarge` when `byteCount` bytes of PNG cannot hold the pixels.
    static func checkPNG(width: Int, height: Int, bitsPerPixel: Int, byteCount: Int) throws(ImageError) {
        try checkPixels(width: width, height: height)
        // Filter bytes are left out: the bound stays on the generous side, interlaced or not.
        let needed = width * height * bitsPerPixel / 8
        guard needed / deflateRatio <= byteCount else { throw impossible(width, height, byteCount) }
    }

    /// - Throws: `ImageError.tooLarge` when `byteCount` bytes of JPEG cannot hold the pixels.
    static func checkJPEG(
        width: Int, height: Int, blockWidth: Int, blockHeight: Int, byteCount: Int
    ) throws(ImageError) {
        try checkPixels(width: width, height: height)
        // Whole coded blocks are what libjpeg allocates: a column of one pixel is one block wide.
        let codedWidth = (width + blockWidth - 1) / blockWidth * blockWidth
        let codedHeight = (height + blockHeight - 1) / blockHeight * blockHeight
        guard codedWidth * codedHeight / jpegPixelsPerByte <= byteCount else {
            throw impossible(width, height, byteCount)
        }
    }

    private static func checkPixels(width: Int, height: Int) throws(ImageError) {
        guard width <= pixels, height <= pixels, width * height <= pixels else {
            throw ImageError(.tooLarge, "\(width) x \(height) pixels are more than the limit of \(pixels)")
        }
    }

    private static func impossible(_ width: Int, _ height: Int, _ byteCount: Int) -> ImageError {
        ImageError(
            .tooLarge, "the header claims \(width) x \(height) pixels, more than \(byteCount) bytes can hold")
    }
}
