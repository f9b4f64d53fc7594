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
        let (runs, total, zeros) = try Self.unpacked(compressed)
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
                return try unpacked(bytes).runs
            } catch {
                failure = error
                return []
            }
        }
        if let failure { throw failure }
        return runs
    }

    /// The run lengths, their sum and how many are 0.
    private static func unpacked(
        _ bytes: UnsafeRawBufferPointer
    ) throws(MaskError) -> (runs: [UInt32], total: UInt64, zeros: Int) {
        guard let ends = numberCount(bytes) else { throw problem(of: bytes) }
        var total: UInt64 = 0
        var zeros = 0
        var isGood = true
        let runs = [UInt32](unsafeUninitializedCapacity: ends) { runs, count in
            isGood = unpack(bytes, into: runs, &count, &total, &zeros)
        }
        guard isGood else { throw problem(of: bytes) }
        return (runs, total, zeros)
    }

    /// How many numbers there are; nil where a character is none of the form's.
    ///
    /// Of each number the last character alone is below 80.
    private static func numberCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var ends = 0
        var strange: UInt8 = 0
        var offset = 0
        while offset < bytes.count {
            // A lane counts 255 blocks before it is full.
            var lanes = SIMD16<UInt8>(repeating: 0)
            var others = SIMD16<UInt8>(repeating: 0)
            let blocks = min((bytes.count - offset) / 16, 255)
            if blocks == 0 {
                for byte in bytes[offset...] {
                    ends &+= byte < 80 ? 1 : 0
                    strange |= (byte &- 48) & 0xc0
                }
                break
            }
            for _ in 0..<blocks {
                let values = bytes.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self) &- 48
                others |= values
                lanes &+= (~values &>> 5) & 1
                offset &+= 16
            }
            for lane in others.indices { strange |= others[lane] & 0xc0 }
            for lane in lanes.indices { ends &+= Int(lanes[lane]) }
        }
        return strange == 0 ? ends : nil
    }

    /// - Parameters:
    ///   - bytes: characters of the form.
    ///   - runs: room for as many as there are characters that end a number.
    /// - Returns: false for a text that ``problem(of:)`` has an error for.
    private static func unpack(
        _ bytes: UnsafeRawBufferPointer, into runs: UnsafeMutableBufferPointer<UInt32>, _ count: inout Int,
        _ total: inout UInt64, _ zeros: inout Int
    ) -> Bool {
        var (number, sum, empty) = (0, UInt64(0), 0)
        // What does not fit 32 bits leaves a trace here.
        var excess: Int64 = 0
        var offset = 0
        while offset < bytes.count {
            let bits = Int64(bytes[offset] &- 48)
            offset &+= 1
            // Most numbers have one character, whose bit 4 is the sign.
            var value = (bits ^ 0x10) &- 0x10
            if bits & 0x20 != 0 {
                value = bits & 0x1f
                var shift: Int64 = 5
                var group: Int64
                repeat {
                    guard offset < bytes.count, shift < 35 else { return false }
                    group = Int64(bytes[offset] &- 48)
                    offset &+= 1
                    value |= (group & 0x1f) &<< shift
                    shift &+= 5
                } while group & 0x20 != 0
                if group & 0x10 != 0 { value |= -1 &<< shift }
            }
            if number > 2 { value &+= Int64(runs[number &- 2]) }
            excess |= value & ~0xffff_ffff
            runs[number] = UInt32(truncatingIfNeeded: value)
            number &+= 1
            sum &+= UInt64(truncatingIfNeeded: value)
            empty &+= value == 0 ? 1 : 0
        }
        (count, total, zeros) = (number, sum, empty)
        return excess == 0
    }

    /// What is wrong with a text that cannot be unpacked.
    private static func problem(of bytes: UnsafeRawBufferPointer) -> MaskError {
        var value: Int64 = 0
        var shift: Int64 = 0
        var runs: [Int64] = []
        for (offset, byte) in bytes.enumerated() {
            let bits = Int64(byte) - 48
            guard bits & ~0x3f == 0 else {
                return MaskError(.characters, "byte \(byte) at offset \(offset); compressed RLE uses ASCII 48...111")
            }
            // 2^32 - 1 and its negative need 33 bits and a sign: seven groups of five.
            guard shift < 35 else {
                return MaskError(.characters, "a number of more than seven characters ends at offset \(offset)")
            }
            value |= (bits & 0x1f) << shift
            shift += 5
            if bits & 0x20 != 0 { continue }
            if bits & 0x10 != 0 { value |= -1 << shift }
            if runs.count > 2 { value += runs[runs.count - 2] }
            guard value & 0xffff_ffff == value else {
                return MaskError(.count, "run \(runs.count) is \(value); a run is between 0 and 4294967295")
            }
            runs.append(value)
            value = 0
            shift = 0
        }
        return MaskError(.characters, "the last number has no end")
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
