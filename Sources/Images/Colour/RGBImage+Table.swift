internal import Runtime

extension RGBImage {
    /// The image with each sample looked up in a table of 256 values, the same for all channels.
    package func mapped(through table: [UInt8]) -> RGBImage {
        precondition(table.count == 256, "a table of \(table.count) values for bytes")
        let rowBytes = width * 3
        let mapped = Self.filled(rows: height, rowBytes: rowBytes) { rows, out in
            pixels.withUnsafeBufferPointer { source in
                table.withUnsafeBufferPointer { table in
                    for index in rows.lowerBound * rowBytes..<rows.upperBound * rowBytes {
                        out[index] = table[Int(source[index])]
                    }
                }
            }
        }
        return RGBImage(height: height, width: width, pixels: mapped)
    }
}
