internal import CImageShims

/// One PNG being read through the C shim, which keeps libpng's jumps to itself.
final class PNGReader {
    private let handle: OpaquePointer
    private let info: sd_png_info
    private var width: Int { Int(info.width) }
    private var height: Int { Int(info.height) }
    private var channels: Int { Int(info.channels) }

    /// Reads the header.
    /// - Parameter bytes: the file; must outlive the reader.
    init(_ bytes: UnsafeRawBufferPointer) throws(ImageError) {
        var handle: OpaquePointer?
        var info = sd_png_info()
        var message = ShimMessage()
        let status = message.capture {
            sd_png_open(bytes.shimBytes, bytes.count, &handle, &info, $0, ShimMessage.capacity)
        }
        guard status == SD_IMAGE_OK, let handle else { throw message.error(status, format: "PNG") }
        self.handle = handle
        self.info = info
        try ImageLimits.checkPNG(
            width: Int(info.width), height: Int(info.height), bitsPerPixel: Int(info.bit_depth) * Int(info.channels),
            byteCount: bytes.count)
    }

    deinit { sd_png_close(handle) }

    /// All samples as stored: [height, width, channels] of one or (16 bits) two bytes.
    private func samples<Sample: FixedWidthInteger>(of type: Sample.Type) throws(ImageError) -> [Sample] {
        let total = width * height * channels
        var message = ShimMessage()
        var status = SD_IMAGE_OK
        let samples = [Sample](unsafeUninitializedCapacity: total) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            guard let base = raw.baseAddress else { return }
            status = message.capture {
                sd_png_read(
                    handle, base.assumingMemoryBound(to: UInt8.self), raw.count, $0, ShimMessage.capacity)
            }
            count = status == SD_IMAGE_OK ? total : 0
        }
        guard status == SD_IMAGE_OK else { throw message.error(status, format: "PNG") }
        return samples
    }

    /// The values as stored.
    func labelImage() throws(ImageError) -> LabelImage {
        let values =
            info.bit_depth == 16
            ? try samples(of: UInt16.self) : try samples(of: UInt8.self).map { UInt16($0) }
        return LabelImage(
            height: height, width: width, bitDepth: Int(info.bit_depth), channels: channels, values: values,
            palette: info.color_type == 3
                ? (0..<Int(info.palette_count)).map { index in (0..<3).map { paletteByte(3 * index + $0) } } : nil)
    }

    /// The pixels as RGB: 16 bits by their high byte, 1 to 4 bits of gray stretched to 0...255, alpha dropped.
    func rgbImage() throws(ImageError) -> RGBImage {
        let stored =
            info.bit_depth == 16
            ? try samples(of: UInt16.self).map { UInt8($0 >> 8) } : try samples(of: UInt8.self)
        if channels == 3 { return RGBImage(height: height, width: width, pixels: stored) }
        let step = channels
        let isColour = channels == 4
        // One table from stored sample to colour serves gray of every depth and palettes alike.
        let table = isColour ? [] : colourTable()
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { out, count in
            stored.withUnsafeBufferPointer { stored in
                var source = 0
                for pixel in 0..<width * height {
                    let target = pixel * 3
                    if isColour {
                        out[target] = stored[source]
                        out[target + 1] = stored[source + 1]
                        out[target + 2] = stored[source + 2]
                    } else {
                        let colour = table[Int(stored[source])]
                        out[target] = colour.red
                        out[target + 1] = colour.green
                        out[target + 2] = colour.blue
                    }
                    source += step
                }
            }
            count = width * height * 3
        }
        return RGBImage(height: height, width: width, pixels: pixels)
    }

    /// The colour of each of 256 sample values. Palette indices without an entry are black, as in Pillow.
    private func colourTable() -> [RGBColour] {
        if info.color_type == 3 {
            return (0..<256).map { index in
                index < Int(info.palette_count)
                    ? RGBColour(paletteByte(3 * index), paletteByte(3 * index + 1), paletteByte(3 * index + 2))
                    : .black
            }
        }
        let top = info.bit_depth >= 8 ? 255 : (1 << Int(info.bit_depth)) - 1
        return (0..<256).map { value in
            let gray = UInt8(min(value, top) * 255 / top)
            return RGBColour(gray, gray, gray)
        }
    }

    private func paletteByte(_ index: Int) -> UInt8 {
        withUnsafeBytes(of: info.palette) { $0[index] }
    }
}
