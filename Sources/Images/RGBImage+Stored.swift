extension RGBImage {
    /// Samples as a file stores them, as RGB: 16 bits by their high byte, 1 bit of gray stretched to 0 and 255, palettes
    /// looked up, where an index without an entry is black, and alpha dropped.
    init(stored image: LabelImage) {
        let (shift, channels) = (image.bitDepth == 16 ? 8 : 0, image.channels)
        let factor: UInt16 = image.bitDepth == 1 && image.palette == nil ? 255 : 1
        func level(_ value: UInt16) -> UInt8 { UInt8(truncatingIfNeeded: (value >> shift) &* factor) }
        let pixels = [UInt8](unsafeUninitializedCapacity: image.height * image.width * 3) { out, count in
            image.values.withUnsafeBufferPointer { values in
                for pixel in 0..<image.height * image.width {
                    let (source, target) = (pixel * channels, pixel * 3)
                    for channel in 0..<3 {
                        if channels >= 3 {
                            out[target + channel] = level(values[source + channel])
                        } else if let palette = image.palette {
                            let index = Int(values[source])
                            out[target + channel] = index < palette.count ? palette[index][channel] : 0
                        } else {
                            out[target + channel] = level(values[source])
                        }
                    }
                }
            }
            count = image.height * image.width * 3
        }
        self.init(height: image.height, width: image.width, pixels: pixels)
    }
}
