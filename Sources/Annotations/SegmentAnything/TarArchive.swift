internal import Runtime

/// A tar file, mapped: its regular files by name, in their order. POSIX ustar, with the long names of pax and GNU.
package struct TarArchive: Sendable {
    /// A file in the archive.
    package struct Member: Sendable, Hashable {
        package let name: String
        /// Its content's bytes in the archive.
        package let range: Range<Int>
    }

    package let path: String
    package private(set) var members: [Member] = []
    /// Where and why the archive cannot be read further; nil for one that is whole.
    package private(set) var damage: String?
    private let file: MappedFile

    private static let block = 512
    /// A longer name is refused.
    private static let maximumNameBytes = 1 << 16

    /// - Throws: `FileError`; `AnnotationError.structure` when not even the first header is one.
    package init(path: String) throws {
        self.path = path
        file = try MappedFile(path: path, access: .random)
        let (members, damage) = file.withBytes { Self.members($0) }
        self.members = members
        self.damage = damage
        if members.isEmpty, let damage {
            throw AnnotationError(.structure, at: DataLocation(path: path), "is no tar file: \(damage)")
        }
    }

    /// The content of a member.
    package func bytes(_ member: Member) -> [UInt8] {
        file.withBytes(reading: member.range) { Array($0[member.range]) }
    }

    /// Runs `body` on a member's content.
    package func withBytes<Result>(_ member: Member, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try file.withBytes(reading: member.range) {
            try body(UnsafeRawBufferPointer(rebasing: $0[member.range]))
        }
    }

    private static func members(_ bytes: UnsafeRawBufferPointer) -> (members: [Member], damage: String?) {
        var members: [Member] = []
        var longName: String?
        var longSize: Int?
        var offset = 0
        while offset + block <= bytes.count {
            let header = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + block])
            // Two empty blocks are the end; one is taken for it as well.
            if header.allSatisfy({ $0 == 0 }) { return (members, nil) }
            guard let stated = number(header[148..<156]), stated == checksum(header) else {
                return (members, "the header at byte \(offset) has a wrong checksum")
            }
            guard let plainSize = number(header[124..<136]) else {
                return (members, "the header at byte \(offset) has no size")
            }
            let size = longSize ?? plainSize
            let start = offset + block
            guard size >= 0, size <= bytes.count - start else {
                return (members, "the member at byte \(offset) of \(size) bytes ends behind the file")
            }
            let content = UnsafeRawBufferPointer(rebasing: bytes[start..<start + size])
            switch header[156] {
            case UInt8(ascii: "0"), 0, UInt8(ascii: "7"):
                let name = longName ?? name(header)
                if !name.isEmpty { members.append(Member(name: name, range: start..<start + size)) }
                (longName, longSize) = (nil, nil)
            case UInt8(ascii: "L") where size <= maximumNameBytes:
                longName = String(decoding: content.prefix { $0 != 0 }, as: UTF8.self)
            case UInt8(ascii: "x") where size <= maximumNameBytes:
                let records = paxRecords(content)
                longName = records["path"] ?? longName
                longSize = records["size"].flatMap { Int($0) }
            case UInt8(ascii: "g"), UInt8(ascii: "x"), UInt8(ascii: "L"): break
            default: (longName, longSize) = (nil, nil)
            }
            offset = start + (size + block - 1) / block * block
        }
        return (members, offset == bytes.count ? nil : "the file ends inside a header")
    }

    /// Octal digits, or GNU's base 256 for large numbers.
    private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
        if let first = field.first, first & 0x80 != 0 {
            guard field.dropLast(8).dropFirst().allSatisfy({ $0 == 0 }) else { return nil }
            let value = field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix {
            (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0)
        }
        return digits.isEmpty ? nil : digits.reduce(0) { $0 << 3 | Int($1 - UInt8(ascii: "0")) }
    }

    /// The sum of a header's bytes, the checksum's own counted as blanks.
    private static func checksum(_ header: UnsafeRawBufferPointer) -> Int {
        header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    }

    private static func name(_ header: UnsafeRawBufferPointer) -> String {
        let name = String(decoding: header[0..<100].prefix { $0 != 0 }, as: UTF8.self)
        guard header[257..<262].elementsEqual("ustar".utf8) else { return name }
        let prefix = String(decoding: header[345..<500].prefix { $0 != 0 }, as: UTF8.self)
        return prefix.isEmpty || header[263] == UInt8(ascii: " ") ? name : prefix + "/" + name
    }

    /// `LENGTH KEY=VALUE\n`, one after the other.
    private static func paxRecords(_ content: UnsafeRawBufferPointer) -> [String: String] {
        var records: [String: String] = [:]
        var rest = content[...]
        while let blank = rest.firstIndex(of: UInt8(ascii: " ")),
            let length = Int(String(decoding: rest[..<blank], as: UTF8.self)), length > blank - rest.startIndex + 1,
            length <= rest.count
        {
            let record = rest[(blank + 1)..<(rest.startIndex + length - 1)]
            if let equals = record.firstIndex(of: UInt8(ascii: "=")) {
                records[String(decoding: record[..<equals], as: UTF8.self)] =
                    String(decoding: record[(equals + 1)...], as: UTF8.self)
            }
            rest = rest[(rest.startIndex + length)...]
        }
        return records
    }
}
