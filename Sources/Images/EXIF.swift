/// The one EXIF field that changes how pixels are meant.
enum EXIF {
    private static let orientationTag = 0x0112

    /// The orientation, 1 to 8, from a TIFF structure; nil when it is absent or makes no sense.
    ///
    /// Only IFD0 is read, and only as far as bytes exist; the value must be a SHORT, as it should, or a LONG. Source: TIFF 6.0, section 2; EXIF 2.32, section 4.6.2.
    static func orientation(tiff bytes: UnsafeRawBufferPointer) -> Int? {
        let order = BinaryView(bytes)
        let isLittleEndian = order.matches("II", at: 0)
        guard isLittleEndian || order.matches("MM", at: 0) else { return nil }
        let data = BinaryView(bytes, littleEndian: isLittleEndian)
        guard data.uint16(at: 2) == 42, let directory = data.uint32(at: 4), let entries = data.uint16(at: directory)
        else { return nil }
        for index in 0..<entries {
            let entry = directory + 2 + 12 * index
            guard let tag = data.uint16(at: entry) else { return nil }
            guard tag == orientationTag else { continue }
            let value: Int? =
                switch data.uint16(at: entry + 2) {
                case 3: data.uint16(at: entry + 8)
                case 4: data.uint32(at: entry + 8)
                default: nil
                }
            guard let value, (1...8).contains(value) else { return nil }
            return value
        }
        return nil
    }
}
