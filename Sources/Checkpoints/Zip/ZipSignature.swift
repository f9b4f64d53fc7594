/// The marks, sizes and sentinels of the zip format (PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5).
enum ZipSignature {
    /// Starts a local file header.
    static let localHeader: UInt32 = 0x0403_4b50
    /// Starts an entry of the central directory.
    static let directoryEntry: UInt32 = 0x0201_4b50
    /// Starts the end of the central directory.
    static let directoryEnd: UInt32 = 0x0605_4b50
    /// Starts the zip64 end of the central directory.
    static let directoryEnd64: UInt32 = 0x0606_4b50
    /// Starts the record that tells where the zip64 end of the central directory is.
    static let locator64: UInt32 = 0x0706_4b50

    /// Bytes of a local header without name and extra fields.
    static let localHeaderBytes = 30
    /// Bytes of a directory entry without name, extra fields and comment.
    static let directoryEntryBytes = 46
    /// Bytes of the end of the directory without comment.
    static let directoryEndBytes = 22
    /// Bytes of the zip64 end of the directory without extensible data.
    static let directoryEnd64Bytes = 56
    /// Bytes of the zip64 locator.
    static let locator64Bytes = 20

    /// Id of the extra field with 64-bit sizes.
    static let extra64: UInt16 = 0x0001
    /// Id `FB` of the extra field that PyTorch pads with.
    static let extraPadding: UInt16 = 0x4246
    /// Stands for a 32-bit number that is found in the extra field.
    static let sentinel32: UInt32 = 0xffff_ffff
    /// Stands for a 16-bit number that is found in the zip64 end.
    static let sentinel16: UInt16 = 0xffff

    /// Flag: the content is encrypted.
    static let encrypted: UInt16 = 1 << 0
    /// Flag: sizes and checksum of the local header are zero and follow the content.
    static let sizesFollow: UInt16 = 1 << 3
    /// Flag: the name is UTF-8.
    static let nameIsUTF8: UInt16 = 1 << 11
}
