internal import Runtime

/// Writes a tar file of small members: POSIX ustar, owner and times all 0, so that the same members give the same bytes.
struct TarWriter {
    private let file: AtomicFileWriter
    private static let block = 512

    /// Bytes so far, without the end.
    var count: Int { file.count }

    /// - Throws: `FileError.write`.
    init(path: String) throws(FileError) { file = try AtomicFileWriter(path: path) }

    /// Adds a member.
    ///
    /// - Parameter name: at most 100 bytes.
    func add(_ name: String, _ bytes: [UInt8]) throws(FileError) {
        precondition(name.utf8.count <= 100, "the name \(name) is too long for a tar header")
        var header = [UInt8](repeating: 0, count: Self.block)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put(octal(0o644, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(bytes.count, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6), at: 148)
        header[154] = 0
        header[155] = UInt8(ascii: " ")
        try file.write(header)
        try file.write(bytes)
        let rest = bytes.count % Self.block
        if rest > 0 { try file.write([UInt8](repeating: 0, count: Self.block - rest)) }
    }

    /// Ends the archive and makes it visible.
    func finish() throws(FileError) {
        try file.write([UInt8](repeating: 0, count: 2 * Self.block))
        try file.commit()
    }
}
