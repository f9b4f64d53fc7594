/// The compressed form: each run, or from the fourth on its difference to the run two before, as groups of five bits
/// in ASCII 48...111, least significant first, bit 5 for "more follows", sign-extended from bit 4 of the last.
///
/// Source: `rleToString` and `rleFrString` of cocodataset/cocoapi `common/maskApi.c`.
extension RLE {
    /// Reads compressed COCO counts.
    ///
    /// - Throws: `MaskError.characters` for a character outside 48...111, a number that does not end or has more than
    ///   seven characters; `.count` for a run below 0 or over 2^32 - 1; `.sum`; `.size`.
    package init(height: Int, width: Int, compressed: [UInt8]) throws(MaskError) {
        var failure: MaskError?
        let mask = compressed.withUnsafeBytes { bytes -> RLE? in
            do throws(MaskError) {
                return try RLE(height: height, width: width, compressed: bytes)
            } catch {
                failure = error
                return nil
            }
        }
        if let failure { throw failure }
        guard let mask else { preconditionFailure("a mask was neither read nor refused") }
        self = mask
    }

    /// The same of bytes that stay where they are, such as in a file.
    package init(height: Int, width: Int, compressed: UnsafeRawBufferPointer) throws(MaskError) {
        let pixels = try Self.pixelCount(height: height, width: width)
        let runs = try Self.runs(compressed: compressed)
        var position = 0
        var hasZero = false
        for (index, run) in runs.enumerated() {
            position += Int(run)
            hasZero = hasZero || run == 0 && index > 0
        }
        guard position == pixels else {
            throw MaskError(.sum, "the runs cover \(position) pixels; \(height) x \(width) is \(pixels)")
        }
        if hasZero || runs.isEmpty {
            var toggles = ToggleList(capacity: runs.count)
            position = 0
            for run in runs {
                position += Int(run)
                toggles.toggle(at: position)
            }
            self.init(height: height, width: width, canonical: toggles.counts(pixels: pixels))
        } else {
            self.init(height: height, width: width, canonical: runs)
        }
    }

    /// The run lengths of a compressed RLE as they stand in it, zero runs included, their sum unchecked.
    ///
    /// - Throws: `MaskError.characters`, `MaskError.count`.
    package static func runs(compressed: [UInt8]) throws(MaskError) -> [UInt32] {
        var failure: MaskError?
        let runs = compressed.withUnsafeBytes { bytes -> [UInt32] in
            do throws(MaskError) {
                return try Self.runs(compressed: bytes)
            } catch {
                failure = error
                return []
            }
        }
        if let failure { throw failure }
        return runs
    }

    private static func runs(compressed: UnsafeRawBufferPointer) throws(MaskError) -> [UInt32] {
        var failure: MaskError?
        let runs = [UInt32](unsafeUninitializedCapacity: compressed.count) { runs, count in
            do throws(MaskError) {
                try unpack(compressed, into: runs, &count)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return runs
    }

    /// Each run takes at least one character, so that `runs` has room for all of them.
    private static func unpack(
        _ bytes: UnsafeRawBufferPointer, into runs: UnsafeMutableBufferPointer<UInt32>, _ count: inout Int
    ) throws(MaskError) {
        var value: Int64 = 0
        var shift: Int64 = 0
        for offset in 0..<bytes.count {
            let byte = bytes[offset]
            guard byte >= 48, byte < 112 else {
                throw MaskError(.characters, "byte \(byte) at offset \(offset); compressed RLE uses ASCII 48...111")
            }
            let bits = Int64(byte) - 48
            // 2^32 - 1 and its negative need 33 bits and a sign: seven groups of five.
            guard shift < 35 else {
                throw MaskError(.characters, "a number of more than seven characters ends at offset \(offset)")
            }
            value |= (bits & 0x1f) &<< shift
            shift += 5
            if bits & 0x20 != 0 { continue }
            if bits & 0x10 != 0 { value |= -1 &<< shift }
            if count > 2 { value &+= Int64(runs[count - 2]) }
            guard let run = UInt32(exactly: value) else {
                throw MaskError(.count, "run \(count) is \(value); a run is between 0 and 4294967295")
            }
            runs[count] = run
            count += 1
            value = 0
            shift = 0
        }
        guard shift == 0 else { throw MaskError(.characters, "the last number has no end") }
    }

    /// The compressed form, byte for byte what `pycocotools.mask` writes.
    package func compressed() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(counts.count * 2)
        for index in counts.indices {
            var value = Int64(counts[index])
            if index > 2 { value -= Int64(counts[index - 2]) }
            var more = true
            while more {
                let bits = UInt8(truncatingIfNeeded: value & 0x1f)
                value >>= 5
                more = bits & 0x10 != 0 ? value != -1 : value != 0
                bytes.append(48 + (more ? bits | 0x20 : bits))
            }
        }
        return bytes
    }

    /// ``compressed()`` as text.
    package var compressedString: String { String(decoding: compressed(), as: UTF8.self) }
}
