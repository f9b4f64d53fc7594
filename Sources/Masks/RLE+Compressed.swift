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
        // Of at most 2^61 runs in 64 bits, without a branch.
        var total: UInt64 = 0
        var zeros = 0
        for run in runs {
            total &+= UInt64(run)
            zeros &+= run == 0 ? 1 : 0
        }
        guard total == UInt64(pixels) else {
            throw MaskError(.sum, "the runs cover \(total) pixels; \(height) x \(width) is \(pixels)")
        }
        if zeros > (runs.first == 0 ? 1 : 0) || runs.isEmpty {
            var toggles = ToggleList(capacity: runs.count)
            var position = 0
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
        // Of each number the last character alone is below 80.
        var ends = 0
        for byte in compressed { ends &+= byte < 80 ? 1 : 0 }
        let runs = [UInt32](unsafeUninitializedCapacity: ends) { runs, count in
            do throws(MaskError) {
                try unpack(compressed, into: runs, &count)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return runs
    }

    /// - Parameter runs: room for as many as there are characters that end a number.
    private static func unpack(
        _ bytes: UnsafeRawBufferPointer, into runs: UnsafeMutableBufferPointer<UInt32>, _ count: inout Int
    ) throws(MaskError) {
        var value: Int64 = 0
        var shift: Int64 = 0
        for offset in 0..<bytes.count {
            let bits = Int64(bytes[offset]) &- 48
            guard bits & ~0x3f == 0 else {
                throw MaskError(
                    .characters, "byte \(bytes[offset]) at offset \(offset); compressed RLE uses ASCII 48...111")
            }
            // 2^32 - 1 and its negative need 33 bits and a sign: seven groups of five.
            guard shift < 35 else {
                throw MaskError(.characters, "a number of more than seven characters ends at offset \(offset)")
            }
            value |= (bits & 0x1f) &<< shift
            shift &+= 5
            if bits & 0x20 != 0 { continue }
            if bits & 0x10 != 0 { value |= -1 &<< shift }
            if count > 2 { value &+= Int64(runs[count &- 2]) }
            guard value & 0xffff_ffff == value else {
                throw MaskError(.count, "run \(count) is \(value); a run is between 0 and 4294967295")
            }
            runs[count] = UInt32(truncatingIfNeeded: value)
            count &+= 1
            value = 0
            shift = 0
        }
        guard shift == 0 else { throw MaskError(.characters, "the last number has no end") }
    }

    /// The compressed form, byte for byte what `pycocotools.mask` writes.
    package func compressed() -> [UInt8] {
        // A difference has at most 33 bits with its sign: seven groups of five.
        [UInt8](unsafeUninitializedCapacity: counts.count * 7) { bytes, count in
            count = counts.withUnsafeBufferPointer { counts in
                bytes.baseAddress.map { Self.pack(counts, into: $0) } ?? 0
            }
        }
    }

    /// Writes the compressed form and returns its length.
    ///
    /// - Parameter bytes: room for seven bytes a run.
    static func pack(_ counts: UnsafeBufferPointer<UInt32>, into bytes: UnsafeMutablePointer<UInt8>) -> Int {
        var place = bytes
        for index in counts.indices {
            var value = Int64(counts[index])
            if index > 2 { value &-= Int64(counts[index &- 2]) }
            // Neighbouring columns are much alike: most differences take one group.
            while value < -16 || value > 15 {
                place.pointee = 48 &+ (UInt8(truncatingIfNeeded: value & 0x1f) | 0x20)
                place += 1
                value &>>= 5
            }
            place.pointee = 48 &+ UInt8(truncatingIfNeeded: value & 0x1f)
            place += 1
        }
        return place - bytes
    }

    /// ``compressed()`` as text.
    package var compressedString: String { String(decoding: compressed(), as: UTF8.self) }
}
