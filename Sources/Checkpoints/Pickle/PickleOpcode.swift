/// The instructions of Python's pickle that data is made of, protocols 0 to 5.
///
/// Source: CPython, `Lib/pickletools.py`. Instructions that make objects of arbitrary classes (`INST`, `OBJ`,
/// `NEWOBJ_EX`), name classes by number (`EXT1`, `EXT2`, `EXT4`) or refer to memory outside the file (`NEXT_BUFFER`,
/// `READONLY_BUFFER`) are named in ``refused`` and never followed.
enum PickleOpcode: UInt8 {
    case mark = 0x28  // (
    case stop = 0x2e  // .
    case pop = 0x30  // 0
    case popMark = 0x31  // 1
    case dup = 0x32  // 2
    case floatLine = 0x46  // F
    case integerLine = 0x49  // I
    case binInt = 0x4a  // J
    case binInt1 = 0x4b  // K
    case longLine = 0x4c  // L
    case binInt2 = 0x4d  // M
    case none = 0x4e  // N
    case binPersistentID = 0x51  // Q
    case reduce = 0x52  // R
    case stringLine = 0x53  // S
    case binString = 0x54  // T
    case shortBinString = 0x55  // U
    case unicodeLine = 0x56  // V
    case binUnicode = 0x58  // X
    case append = 0x61  // a
    case build = 0x62  // b
    case global = 0x63  // c
    case dictionary = 0x64  // d
    case emptyDictionary = 0x7d  // }
    case appends = 0x65  // e
    case getLine = 0x67  // g
    case binGet = 0x68  // h
    case longBinGet = 0x6a  // j
    case list = 0x6c  // l
    case emptyList = 0x5d  // ]
    case putLine = 0x70  // p
    case binPut = 0x71  // q
    case longBinPut = 0x72  // r
    case setItem = 0x73  // s
    case tuple = 0x74  // t
    case emptyTuple = 0x29  // )
    case setItems = 0x75  // u
    case binFloat = 0x47  // G
    case protocolVersion = 0x80
    case newObject = 0x81
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case newTrue = 0x88
    case newFalse = 0x89
    case long1 = 0x8a
    case long4 = 0x8b
    case binBytes = 0x42  // B
    case shortBinBytes = 0x43  // C
    case shortBinUnicode = 0x8c
    case binUnicode8 = 0x8d
    case binBytes8 = 0x8e
    case emptySet = 0x8f
    case addItems = 0x90
    case frozenSet = 0x91
    case stackGlobal = 0x93
    case memoize = 0x94
    case frame = 0x95

    /// Instructions that are known and not followed, by their number.
    static let refused: [UInt8: String] = [
        0x50: "PERSID", 0x69: "INST", 0x6f: "OBJ", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4", 0x92: "NEWOBJ_EX",
        0x96: "BYTEARRAY8", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
    ]
}
