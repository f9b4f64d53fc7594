extension RGBImage {
    /// The smallest and the largest byte of all channels.
    package var valueRange: (low: UInt8, high: UInt8) {
        var (low, high) = (UInt8.max, UInt8.min)
        for value in pixels {
            low = min(low, value)
            high = max(high, value)
        }
        return (low, high)
    }

    /// The image with its values stretched so that the smallest becomes 0 and the largest 255, cut off to whole numbers;
    /// an image of one value stays as it is.
    package func stretchedToBytes() -> RGBImage {
        let (low, high) = valueRange
        guard high > low, (low, high) != (0, 255) else { return self }
        let table = (0..<256).map { value -> UInt8 in
            guard value > low else { return 0 }
            return UInt8(min(255, Float(value - Int(low)) / Float(high - low) * 255))
        }
        return RGBImage(height: height, width: width, pixels: pixels.map { table[Int($0)] })
    }
}
