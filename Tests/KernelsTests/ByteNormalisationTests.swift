import Kernels
import Testing

@Suite struct ByteNormalisationTests {
    /// Every byte in every channel has the bits of the quotient.
    @Test func allBytesEqualTheQuotient() {
        let (mean, std): ([Float], [Float]) = ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
        let bytes = (0..<256).flatMap { [UInt8($0), UInt8(255 - $0), UInt8($0 ^ 0x55)] }
        let found = [Float](unsafeUninitializedCapacity: bytes.count) { output, count in
            count = bytes.count
            bytes.withUnsafeBufferPointer { source in
                ByteNormalisation(mean: mean, std: std).run(
                    source.baseAddress.unsafelyUnwrapped, pixels: 256, into: output.baseAddress.unsafelyUnwrapped)
            }
        }
        for (index, byte) in bytes.enumerated() {
            #expect(found[index].bitPattern == ((Float(byte) - mean[index % 3]) / std[index % 3]).bitPattern)
        }
    }
}
