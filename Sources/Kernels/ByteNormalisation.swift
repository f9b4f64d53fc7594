/// `((value - offset) / divisor - mean) / std` of bytes with three channels side by side, from a table of all 256 values:
/// the quotient's own bits, at the price of a load.
package struct ByteNormalisation: Sendable {
    /// The normalised form of each byte, channel after channel.
    private let table: [Float]

    /// - Parameters:
    ///   - offset: what is subtracted first, of every channel.
    ///   - divisor: what the rest is divided by; with 1 and an offset of 0, bytes are taken as they are.
    ///   - mean: of each channel, as is `std`; three.
    package init(offset: Float = 0, divisor: Float = 1, mean: [Float], std: [Float]) {
        precondition(mean.count == 3 && std.count == 3, "three channels need three means, not \(mean) and \(std)")
        table = (0..<3).flatMap { channel in
            (0..<256).map { ((Float($0) - offset) / divisor - mean[channel]) / std[channel] }
        }
    }

    /// Normalises `pixels` pixels of three bytes each.
    package func run(_ bytes: UnsafePointer<UInt8>, pixels: Int, into output: UnsafeMutablePointer<Float>) {
        table.withUnsafeBufferPointer { table in
            guard let red = table.baseAddress else { return }
            let (green, blue) = (red + 256, red + 512)
            for pixel in 0..<pixels {
                let (source, target) = (bytes + 3 * pixel, output + 3 * pixel)
                target[0] = red[Int(source[0])]
                target[1] = green[Int(source[1])]
                target[2] = blue[Int(source[2])]
            }
        }
    }
}
