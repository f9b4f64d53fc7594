extension RGBImage {
    /// The part of the image below (`row`, `column`), which must lie inside.
    package func cropped(row: Int, column: Int, height: Int, width: Int) -> RGBImage {
        precondition(
            row >= 0 && column >= 0 && height > 0 && width > 0 && row + height <= self.height
                && column + width <= self.width,
            "\(height) x \(width) at (\(row), \(column)) is not inside the \(self.height) x \(self.width) image")
        var cut: [UInt8] = []
        cut.reserveCapacity(height * width * 3)
        for line in row..<row + height {
            let start = (line * self.width + column) * 3
            cut.append(contentsOf: pixels[start..<start + width * 3])
        }
        return RGBImage(height: height, width: width, pixels: cut)
    }
}
