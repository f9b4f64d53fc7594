import Images

/// Images that conversions in tests read.
enum ConvertFixture {
    /// A PNG of the size wanted, with something on it.
    static func image(width: Int, height: Int) throws -> [UInt8] {
        let pixels = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 * 7) }
        return try ImageCodec.encodePNG(RGBImage(height: height, width: width, pixels: pixels))
    }
}
