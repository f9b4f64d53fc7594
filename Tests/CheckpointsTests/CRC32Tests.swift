import Checkpoints
import Runtime
import TestSupport
import Testing

@Suite struct CRC32Tests {
    static func bytes(_ count: Int) -> [UInt8] {
        var random = CounterRandom(seed: 3, sample: UInt64(count), purpose: RandomPurpose("crc32"))
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    /// The check value of the CRC catalogue.
    @Test func checkValue() {
        let value = Array("123456789".utf8).withUnsafeBytes { CRC32.checksum($0) }
        #expect(value == 0xcbf4_3926)
        #expect([UInt8]().withUnsafeBytes { CRC32.checksum($0) } == 0)
    }

    @Test func fastPathIsTheReference() {
        for count in Array(0..<70) + [255, 1000, 4097] {
            let bytes = Self.bytes(count)
            bytes.withUnsafeBytes { #expect(CRC32.checksum($0) == CRC32.checksumByBits($0), "\(count) bytes") }
        }
    }

    @Test func piecesAreTheWhole() {
        let bytes = Self.bytes(1000)
        let whole = bytes.withUnsafeBytes { CRC32.checksumByBits($0) }
        for cut in [0, 1, 15, 16, 500, 999, 1000] {
            var running = CRC32()
            bytes[..<cut].withUnsafeBytes { running.update($0) }
            bytes[cut...].withUnsafeBytes { running.update($0) }
            #expect(running.value == whole)
            let first = bytes[..<cut].withUnsafeBytes { CRC32.checksum($0) }
            let second = bytes[cut...].withUnsafeBytes { CRC32.checksum($0) }
            #expect(CRC32.combine(first, second, secondCount: 1000 - cut) == whole)
        }
    }

    /// Long runs are cut into pieces, at any number of workers the same.
    @Test func longRunsAtEveryWorkerCount() {
        let bytes = Self.bytes(3 << 20 | 12345)
        let reference = bytes.withUnsafeBytes { CRC32.checksumByBits($0) }
        let found = atEveryWorkerCount { bytes.withUnsafeBytes { CRC32.checksum($0) } }
        #expect(found == [reference, reference, reference, reference])
    }
}
