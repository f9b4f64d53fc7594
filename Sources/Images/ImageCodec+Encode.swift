internal import CImageShims

extension ImageCodec {
    /// Encodes 8-bit RGB as PNG. The same pixels give the same bytes.
    package static func encodePNG(_ image: RGBImage) throws(ImageError) -> [UInt8] {
        try image.pixels.withUnsafeBytes { pixels in
            encode { out, message in
                sd_png_write(pixels.shimBytes, UInt32(image.width), UInt32(image.height), 8, 2, &out, message, 256)
            }
        }.get()
    }

    /// Encodes gray of 1 or 8 bits as PNG: `values` are [height, width], row-major, and 0 or 1 when `bitDepth` is 1.
    package static func encodePNG(
        gray values: [UInt8], width: Int, height: Int, bitDepth: Int = 8
    ) throws(ImageError) -> [UInt8] {
        checkShape(count: values.count, width: width, height: height)
        precondition(bitDepth == 1 || bitDepth == 8, "bit depth \(bitDepth) is neither 1 nor 8")
        precondition(bitDepth == 8 || values.allSatisfy { $0 <= 1 }, "a 1-bit image holds only 0 and 1")
        return try values.withUnsafeBytes { pixels in
            encode { out, message in
                sd_png_write(pixels.shimBytes, UInt32(width), UInt32(height), UInt8(bitDepth), 0, &out, message, 256)
            }
        }.get()
    }

    /// Encodes 16-bit gray as PNG, such as instance ids: `values` are [height, width], row-major.
    package static func encodePNG(gray16 values: [UInt16], width: Int, height: Int) throws(ImageError) -> [UInt8] {
        checkShape(count: values.count, width: width, height: height)
        return try values.withUnsafeBytes { pixels in
            encode { out, message in
                sd_png_write(pixels.shimBytes, UInt32(width), UInt32(height), 16, 0, &out, message, 256)
            }
        }.get()
    }

    /// Encodes palette indexes as PNG: `indexes` are [height, width], row-major; `palette` has 256 colours, [256, 3].
    package static func encodePNG(
        indexes: [UInt8], palette: [UInt8], width: Int, height: Int
    ) throws(ImageError) -> [UInt8] {
        checkShape(count: indexes.count, width: width, height: height)
        precondition(palette.count == 768, "a palette of \(palette.count) bytes, not 768")
        return try indexes.withUnsafeBytes { pixels in
            palette.withUnsafeBytes { colours in
                encode { out, message in
                    sd_png_write_palette(
                        pixels.shimBytes, UInt32(width), UInt32(height), colours.shimBytes, &out, message, 256)
                }
            }
        }.get()
    }

    /// Encodes as baseline JPEG, in a `quality` of 1 (smallest) to 100 (best).
    ///
    /// - Parameter halvesChroma: whether chroma is kept at half the resolution (4:2:0), as most cameras and tools do.
    package static func encodeJPEG(
        _ image: RGBImage, quality: Int = 92, halvesChroma: Bool = false
    ) throws(ImageError) -> [UInt8] {
        precondition((1...100).contains(quality), "JPEG quality \(quality) is not in 1...100")
        return try image.pixels.withUnsafeBytes { pixels in
            encode { out, message in
                sd_jpeg_write(
                    pixels.shimBytes, UInt32(image.width), UInt32(image.height), Int32(quality),
                    halvesChroma ? 2 : 1, &out, message, 256)
            }
        }.get()
    }

    private static func checkShape(count: Int, width: Int, height: Int) {
        precondition(width > 0 && height > 0, "an image of \(height) x \(width) has no pixels")
        precondition(count == width * height, "\(count) values are not the \(height) x \(width) of the image")
    }

    static func encode(
        _ body: (inout sd_image_bytes, UnsafeMutablePointer<CChar>) -> sd_image_status
    ) -> Result<[UInt8], ImageError> {
        var out = sd_image_bytes(data: nil, count: 0)
        var message = ShimMessage()
        let status = message.capture { body(&out, $0) }
        defer { sd_image_bytes_free(out) }
        guard status == SD_IMAGE_OK else {
            return .failure(ImageError(.internalFailure, "the image cannot be encoded: \(message.text)"))
        }
        return .success(Array(UnsafeBufferPointer(start: out.data, count: out.count)))
    }
}
