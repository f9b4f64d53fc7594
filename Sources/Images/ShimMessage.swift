internal import CImageShims

/// The text that a C shim leaves behind.
struct ShimMessage {
    static let capacity = 256
    private(set) var text = ""

    /// Runs `body` with room for a message of ``capacity`` bytes and keeps what it wrote.
    mutating func capture<Value>(_ body: (UnsafeMutablePointer<CChar>) -> Value) -> Value {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.capacity) { buffer in
            buffer.initialize(repeating: 0)
            guard let base = buffer.baseAddress else { preconditionFailure("a temporary of 256 bytes has an address") }
            let value = body(base)
            text = String(cString: base)
            return value
        }
    }

    /// The error for a status that is not `SD_IMAGE_OK`.
    func error(_ status: sd_image_status, format: String) -> ImageError {
        let reason = text.isEmpty ? "" : ": \(text)"
        switch status {
        case SD_IMAGE_TRUNCATED: return ImageError(.truncated, "\(format) data is truncated\(reason)")
        case SD_IMAGE_UNSUPPORTED: return ImageError(.unsupported, "\(format) of an unsupported kind\(reason)")
        case SD_IMAGE_NO_MEMORY: return ImageError(.internalFailure, "no memory to decode \(format)\(reason)")
        case SD_IMAGE_TOO_MANY_SCANS:
            return ImageError(.tooLarge, "\(format) has more than \(ImageLimits.jpegScans) progressive scans")
        default: return ImageError(.corrupt, "\(format) data is corrupt\(reason)")
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes as C wants them: a non-null pointer, also for no bytes at all.
    var shimBytes: UnsafePointer<UInt8> {
        guard let base = baseAddress else { return Self.nothing }
        return base.assumingMemoryBound(to: UInt8.self)
    }

    // Never written and never freed: a valid address for empty input.
    nonisolated(unsafe) private static let nothing = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))
}
