internal import CImageShims

/// The lossless compressions of TIFF, undone; none makes more than `limit` bytes.
enum TIFFDecompression {
    /// Runs and literals (TIFF 6.0, section 9).
    static func packBits(_ source: UnsafeRawBufferPointer, limit: Int) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(limit)
        var at = 0
        while at < source.count, result.count < limit {
            let control = Int(Int8(bitPattern: source[at]))
            at += 1
            if control >= 0 {
                let count = min(control + 1, source.count - at, limit - result.count)
                result.append(contentsOf: source[at..<at + count])
                at += control + 1
            } else if control != -128, at < source.count {
                result.append(contentsOf: repeatElement(source[at], count: min(1 - control, limit - result.count)))
                at += 1
            }
        }
        return result
    }

    /// LZW with codes of 9 to 12 bits, the most significant first (TIFF 6.0, section 13).
    static func lzw(_ source: UnsafeRawBufferPointer, limit: Int) throws(ImageError) -> [UInt8] {
        let clear = 256
        let end = 257
        // Each code is the string of an earlier one and a byte; strings are unwound backwards.
        var prefix = [Int](repeating: -1, count: 4096)
        var suffix = [UInt8](repeating: 0, count: 4096)
        var length = [Int](repeating: 1, count: 4096)
        for code in 0..<256 { suffix[code] = UInt8(code) }
        var result = [UInt8](repeating: 0, count: limit)
        var count = 0
        var next = 258
        var width = 9
        var previous = -1
        var buffer = 0
        var bits = 0
        var at = 0
        func first(of code: Int) -> UInt8 {
            var code = code
            while prefix[code] >= 0 { code = prefix[code] }
            return suffix[code]
        }
        func emit(_ code: Int) {
            var code = code
            var position = count + length[code] - 1
            count += length[code]
            while code >= 0 {
                if position < limit { result[position] = suffix[code] }
                position -= 1
                code = prefix[code]
            }
        }
        while count < limit {
            while bits < width, at < source.count {
                buffer = (buffer << 8 | Int(source[at])) & 0xFF_FFFF
                bits += 8
                at += 1
            }
            guard bits >= width else { break }
            let code = buffer >> (bits - width) & (1 << width - 1)
            bits -= width
            if code == end { break }
            if code == clear {
                (next, width, previous) = (258, 9, -1)
                continue
            }
            guard code < next || previous >= 0 && code == next && next < 4096, code < 256 || code > 257 else {
                throw ImageError(.corrupt, "TIFF has an LZW code that is not defined yet")
            }
            if previous >= 0, next < 4096 {
                prefix[next] = previous
                suffix[next] = first(of: code == next ? previous : code)
                length[next] = length[previous] + 1
                next += 1
            }
            emit(code)
            previous = code
            // The encoder switches one code early.
            if next + 1 >= 1 << width, width < 12 { width += 1 }
        }
        return count >= limit ? result : Array(result.prefix(count))
    }

    /// A zlib stream.
    static func inflate(_ source: UnsafeRawBufferPointer, limit: Int) throws(ImageError) -> [UInt8] {
        var status = SD_IMAGE_OK
        let result = [UInt8](unsafeUninitializedCapacity: max(1, limit)) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            var written = 0
            status = sd_inflate(source.shimBytes, source.count, base, limit, &written)
            count = written
        }
        switch status {
        case SD_IMAGE_OK, SD_IMAGE_TRUNCATED: return result
        case SD_IMAGE_NO_MEMORY: throw ImageError(.internalFailure, "no memory to decode TIFF")
        default: throw ImageError(.corrupt, "TIFF has a damaged deflate stream")
        }
    }
}
