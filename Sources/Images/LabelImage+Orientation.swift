extension LabelImage {
    /// The samples turned upright, as ``RGBImage/oriented(exif:)`` turns pixels.
    ///
    /// - Parameter exif: 1 to 8.
    func oriented(exif: Int) -> LabelImage {
        precondition((1...8).contains(exif), "EXIF orientation \(exif) is not in 1...8")
        if exif == 1 { return self }
        let transposed = exif >= 5
        let (fromRight, fromBottom) = ([2, 3, 7, 8].contains(exif), [3, 4, 6, 7].contains(exif))
        let (outHeight, outWidth) = transposed ? (width, height) : (height, width)
        var turned: [UInt16] = []
        turned.reserveCapacity(values.count)
        for row in 0..<outHeight {
            for column in 0..<outWidth {
                let (r, c) = transposed ? (column, row) : (row, column)
                let source = ((fromBottom ? height - 1 - r : r) * width + (fromRight ? width - 1 - c : c)) * channels
                turned.append(contentsOf: values[source..<source + channels])
            }
        }
        return LabelImage(
            height: outHeight, width: outWidth, bitDepth: bitDepth, channels: channels, values: turned,
            palette: palette)
    }
}
