internal import CImageShims

/// One JPEG being read through the C shim, which keeps libjpeg's jumps to itself.
final class JPEGReader {
    private let handle: OpaquePointer
    private let info: sd_jpeg_info
    private var width: Int { Int(info.width) }
    private var height: Int { Int(info.height) }

    /// Reads the header.
    /// - Parameter bytes: the file; must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        var handle: OpaquePointer?
        var info = sd_jpeg_info()
        var message = ShimMessage()
        let status = message.capture {
            sd_jpeg_open(bytes.shimBytes, bytes.count, &handle, &info, $0, ShimMessage.capacity)
        }
        guard status == SD_IMAGE_OK, let handle else { throw message.error(status, format: "JPEG") }
        self.handle = handle
        self.info = info
        try ImageLimits.checkJPEG(
            width: Int(info.width), height: Int(info.height), blockWidth: 8 * Int(info.max_h_factor),
            blockHeight: 8 * Int(info.max_v_factor), byteCount: bytes.count)
    }

    deinit { sd_jpeg_close(handle) }

    /// The pixels as RGB.
    func rgbImage() throws(ImageError) -> RGBImage {
        let decoded = try samples()
        let pixels = info.output_channels == 4 ? Self.rgb(invertedCMYK: decoded) : decoded
        return RGBImage(height: height, width: width, pixels: pixels)
    }

    /// [height, width, output channels] bytes.
    private func samples() throws(ImageError) -> [UInt8] {
        let total = width * height * Int(info.output_channels)
        var message = ShimMessage()
        var status = SD_IMAGE_OK
        let samples = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            status = message.capture {
                sd_jpeg_read(
                    handle, base, buffer.count, Int32(ImageLimits.jpegScans), $0, ShimMessage.capacity)
            }
            count = status == SD_IMAGE_OK ? total : 0
        }
        guard status == SD_IMAGE_OK else { throw message.error(status, format: "JPEG") }
        return samples
    }

    /// CMYK to RGB by the naive rule, `R = (255 - K) - (255 - K) C / 255`, on samples stored inverted, as Adobe does
    /// and as Pillow takes every four-component JPEG. Source: Pillow, `src/libImaging/Convert.c`, `cmyk2rgb`.
    private static func rgb(invertedCMYK stored: [UInt8]) -> [UInt8] {
        let count = stored.count / 4
        return [UInt8](unsafeUninitializedCapacity: count * 3) { out, written in
            stored.withUnsafeBufferPointer { stored in
                for pixel in 0..<count {
                    // With k inverted already, the stored value is 255 - K itself.
                    let white = Int(stored[4 * pixel + 3])
                    for channel in 0..<3 {
                        let ink = 255 - Int(stored[4 * pixel + channel])
                        // ink * white / 255, rounded, without a division.
                        let product = ink * white + 128
                        let shade = ((product >> 8) + product) >> 8
                        out[3 * pixel + channel] = UInt8(max(0, white - shade))
                    }
                }
            }
            written = count * 3
        }
    }
}
