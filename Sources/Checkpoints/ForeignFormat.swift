/// Names files that people take for checkpoints, by their first bytes.
enum ForeignFormat {
    private static let marks: [(prefix: [UInt8], name: String)] = [
        (Array("PK\u{3}\u{4}".utf8), "a zip archive, probably a PyTorch .pth checkpoint"),
        (Array("PK\u{5}\u{6}".utf8), "an empty zip archive"),
        ([0x80, 0x02], "a Python pickle, probably an old PyTorch .pth checkpoint"),
        ([0x80, 0x03], "a Python pickle"),
        ([0x80, 0x04], "a Python pickle"),
        ([0x80, 0x05], "a Python pickle"),
        ([0x93] + Array("NUMPY".utf8), "a NumPy array"),
        ([0x89] + Array("PNG".utf8), "a PNG image"),
        ([0xff, 0xd8, 0xff], "a JPEG image"),
        ([0x89] + Array("HDF".utf8), "an HDF5 file"),
        (Array("GGUF".utf8), "a GGUF file"),
        ([0x1f, 0x8b], "gzip data"),
        (Array("version https://git-lfs".utf8), "a Git LFS pointer, whose content was never fetched"),
        (Array("<".utf8), "an HTML or XML text"),
    ]

    private static let tarMark = (offset: 257, bytes: Array("ustar".utf8))

    /// What the file is, or nil when its first bytes say nothing known.
    ///
    /// A safetensors file starts with the length of its header, whose sixth byte is zero in any file of allowed size;
    /// so a file with text or code in all of its first eight bytes cannot be one.
    static func describe(_ bytes: UnsafeRawBufferPointer) -> String? {
        if bytes.count >= 8, bytes[4..<8].allSatisfy({ $0 == 0 }) { return nil }
        if bytes.slice(tarMark.offset, count: tarMark.bytes.count)?.elementsEqual(tarMark.bytes) == true {
            return "a tar archive, perhaps of the oldest PyTorch"
        }
        return marks.first { bytes.starts(with: $0.prefix) }?.name
    }
}
