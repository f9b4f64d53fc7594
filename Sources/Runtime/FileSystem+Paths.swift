/// Parts of paths, by their bytes: whatever a data set calls its files, none of these can fail.
///
/// `NSString` has the same questions, but traps on texts of one character on Linux; a test keeps it out of the sources.
extension FileSystem {
    private static let slash = UInt8(ascii: "/")

    /// The path of the folder that a path's last part is in: empty for a name alone, `/` for a name below the root.
    package static func folder(of path: String) -> String {
        let bytes = Array(path.utf8)
        let start = lastPart(bytes).lowerBound
        var end = start
        while end > 0, bytes[end - 1] == slash { end -= 1 }
        if end == 0 { return start > 0 || bytes.first == slash ? "/" : "" }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// The last part of a path; slashes at its end do not count. Of the root it is `/`.
    package static func lastComponent(_ path: String) -> String {
        let bytes = Array(path.utf8)
        let range = lastPart(bytes)
        if range.isEmpty { return bytes.isEmpty ? "" : "/" }
        return String(decoding: bytes[range], as: UTF8.self)
    }

    /// What stands behind the last dot of a path's last part; empty where there is none, and for a name that only begins
    /// with its dot.
    package static func ending(of path: String) -> String {
        let bytes = Array(path.utf8)
        let range = lastPart(bytes)
        guard let dot = dot(in: bytes[range]) else { return "" }
        return String(decoding: bytes[(dot + 1)..<range.upperBound], as: UTF8.self)
    }

    /// The path without its ending and the dot before it.
    package static func stem(of path: String) -> String {
        let bytes = Array(path.utf8)
        let range = lastPart(bytes)
        if range.isEmpty { return path }
        return String(decoding: bytes[..<(dot(in: bytes[range]) ?? range.upperBound)], as: UTF8.self)
    }

    /// The bytes of the last part, without the slashes around it.
    private static func lastPart(_ bytes: [UInt8]) -> Range<Int> {
        var end = bytes.count
        while end > 0, bytes[end - 1] == slash { end -= 1 }
        var start = end
        while start > 0, bytes[start - 1] != slash { start -= 1 }
        return start..<end
    }

    /// Where the ending's dot is, if something stands on both of its sides.
    private static func dot(in part: ArraySlice<UInt8>) -> Int? {
        guard let dot = part.lastIndex(of: UInt8(ascii: ".")), dot > part.startIndex, dot + 1 < part.endIndex else {
            return nil
        }
        return dot
    }
}
