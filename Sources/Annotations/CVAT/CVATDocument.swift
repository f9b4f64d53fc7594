internal import Runtime

/// A CVAT file whose `<image>` elements are found in one scan, and each parsed when it is asked for.
struct CVATDocument: Sendable {
    let path: String
    private let file: MappedFile
    /// Each `<image …>` with all inside.
    private(set) var images: [(place: Range<Int>, line: Int)] = []
    /// Each `<track …>`, of videos.
    private(set) var tracks: [(place: Range<Int>, line: Int)] = []
    /// Everything before the first of either.
    private let headEnd: Int

    /// An element larger than this is refused: parsed, it takes many times as much memory.
    private static let maximumElementBytes = 64 << 20

    /// - Throws: `FileError`; `AnnotationError` for a file that ends inside an element, or is no CVAT file.
    init(path: String) throws {
        self.path = path
        file = try MappedFile(path: path, access: .random)
        var scan = CVATScan(path: path)
        try file.withBytes { try scan.run($0) }
        file.discard(0..<file.bytes.count)
        images = scan.images
        tracks = scan.tracks
        headEnd = scan.headEnd
        guard scan.hasRoot else {
            throw AnnotationError(
                .structure, at: DataLocation(path: path), "has no element <annotations>: it is no CVAT file")
        }
    }

    /// The element at a place.
    func node(at place: (place: Range<Int>, line: Int)) throws(AnnotationError) -> XMLNode {
        guard place.place.count <= Self.maximumElementBytes else {
            throw XMLNode.failure(
                "an element of \(place.place.count) bytes; at most \(Self.maximumElementBytes) are read", path,
                place.line)
        }
        return try file.withBytes(reading: place.place) { bytes throws(AnnotationError) in
            try XMLNode.parse(UnsafeRawBufferPointer(rebasing: bytes[place.place]), path: path, firstLine: place.line)
        }
    }

    /// The opening tag at a place, without what is inside.
    func head(at place: (place: Range<Int>, line: Int)) throws(AnnotationError) -> XMLNode {
        let text = file.withBytes { bytes -> [UInt8] in
            let element = bytes[place.place]
            let end = CVATScan.tagEnd(element, from: element.startIndex) ?? element.endIndex
            var tag = Array(element[..<end])
            if tag.count >= 2, tag[tag.count - 2] != UInt8(ascii: "/") {
                tag.insert(UInt8(ascii: "/"), at: tag.count - 1)
            }
            return tag
        }
        let result: Result<XMLNode, AnnotationError> = text.withUnsafeBytes { bytes in
            Result { () throws(AnnotationError) in try XMLNode.parse(bytes, path: path, firstLine: place.line) }
        }
        return try result.get()
    }

    /// The elements of some names directly or deeper inside an element, each with all inside; what is inside of them is not
    /// looked at.
    ///
    /// - Throws: `AnnotationError` for one that is cut off.
    func children(
        of parent: (place: Range<Int>, line: Int), named names: [String]
    ) throws(AnnotationError) -> [(name: String, place: Range<Int>, line: Int)] {
        try file.withBytes { bytes throws(AnnotationError) in
            try CVATScan.children(of: parent, named: names, in: bytes, path: path)
        }
    }

    /// The `<meta>` element; nil where there is none.
    func meta() throws(AnnotationError) -> XMLNode? {
        let range = file.withBytes { bytes -> Range<Int>? in
            let head = bytes[..<headEnd]
            guard let start = CVATScan.find("<meta", in: head, from: 0),
                let end = CVATScan.find("</meta>", in: head, from: start)
            else { return nil }
            return start..<end + 7
        }
        guard let range else { return nil }
        return try node(at: (range, 1))
    }
}

/// The scan for the places of elements: it looks at tags alone, and steps over comments and CDATA.
struct CVATScan {
    private(set) var images: [(place: Range<Int>, line: Int)] = []
    private(set) var tracks: [(place: Range<Int>, line: Int)] = []
    private(set) var headEnd = 0
    private(set) var hasRoot = false
    private let path: String

    init(path: String) { self.path = path }

    mutating func run(_ bytes: UnsafeRawBufferPointer) throws(AnnotationError) {
        var offset = 0
        var line = 1
        var counted = 0
        headEnd = bytes.count
        func lines(to end: Int) -> Int {
            bytes[counted..<end].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
        }
        while offset < bytes.count, let start = bytes[offset...].firstIndex(of: UInt8(ascii: "<")) {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
            if rest.starts(with: "<!--".utf8) || rest.starts(with: "<![CDATA[".utf8) {
                let end = rest[1] == UInt8(ascii: "!") && rest[2] == UInt8(ascii: "-") ? "-->" : "]]>"
                guard let close = Self.find(end, in: bytes[...], from: start) else {
                    throw XMLNode.failure("ends inside a comment", path, line + lines(to: start))
                }
                offset = close + 3
                continue
            }
            if rest.starts(with: "<!DOCTYPE".utf8) || rest.starts(with: "<!ENTITY".utf8) {
                throw XMLNode.failure("declares a document type or entities, which labels have no use for", path, line)
            }
            guard let end = Self.tagEnd(bytes[...], from: start) else {
                throw XMLNode.failure("ends inside a tag", path, line + lines(to: start))
            }
            if Self.isTag("annotations", rest) { hasRoot = true }
            let isImage = Self.isTag("image", rest)
            guard isImage || Self.isTag("track", rest) else {
                offset = end
                continue
            }
            line += lines(to: start)
            counted = start
            var close = end
            if bytes[end - 2] != UInt8(ascii: "/") {
                let tag = isImage ? "</image>" : "</track>"
                guard let at = Self.find(tag, in: bytes[...], from: end) else {
                    throw XMLNode.failure("ends before \(tag)", path, line)
                }
                close = at + tag.utf8.count
            }
            headEnd = min(headEnd, start)
            if isImage { images.append((start..<close, line)) } else { tracks.append((start..<close, line)) }
            offset = close
        }
        if hasRoot, Self.find("</annotations>", in: bytes[...], from: images.last?.place.upperBound ?? 0) == nil {
            throw XMLNode.failure(
                "ends before </annotations>: the file is cut off", path, line + lines(to: bytes.count))
        }
    }

    /// The elements of some names inside an element that a scan has found.
    static func children(
        of parent: (place: Range<Int>, line: Int), named names: [String], in bytes: UnsafeRawBufferPointer, path: String
    ) throws(AnnotationError) -> [(name: String, place: Range<Int>, line: Int)] {
        let element = bytes[parent.place]
        var found: [(name: String, place: Range<Int>, line: Int)] = []
        var offset = tagEnd(element, from: element.startIndex) ?? element.endIndex
        var (line, counted) = (parent.line, element.startIndex)
        while offset < element.endIndex, let start = element[offset...].firstIndex(of: UInt8(ascii: "<")) {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[start..<element.endIndex])
            if rest.starts(with: "<!--".utf8) || rest.starts(with: "<![CDATA[".utf8) {
                let end = rest.starts(with: "<!--".utf8) ? "-->" : "]]>"
                guard let close = find(end, in: element, from: start) else {
                    throw XMLNode.failure("ends inside a comment", path, line)
                }
                offset = close + 3
                continue
            }
            guard let end = tagEnd(element, from: start) else {
                throw XMLNode.failure("ends inside a tag", path, line)
            }
            guard let name = names.first(where: { isTag($0, rest) }) else {
                offset = end
                continue
            }
            line += bytes[counted..<start].reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
            counted = start
            var close = end
            if bytes[end - 2] != UInt8(ascii: "/") {
                guard let at = find("</\(name)>", in: element, from: end) else {
                    throw XMLNode.failure("ends before </\(name)>", path, line)
                }
                close = at + name.utf8.count + 3
            }
            found.append((name, start..<close, line))
            offset = close
        }
        return found
    }

    /// Whether a tag has this name, and no longer one.
    private static func isTag(_ name: String, _ rest: UnsafeRawBufferPointer) -> Bool {
        let count = name.utf8.count + 1
        guard rest.count > count, rest.dropFirst().starts(with: name.utf8) else { return false }
        return [UInt8(ascii: " "), UInt8(ascii: ">"), UInt8(ascii: "/"), 9, 10, 13].contains(rest[count])
    }

    /// Behind the `>` that ends a tag; those inside quotes do not count.
    static func tagEnd(_ bytes: Slice<UnsafeRawBufferPointer>, from start: Int) -> Int? {
        var quote: UInt8?
        for index in start..<bytes.endIndex {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index + 1
            }
        }
        return nil
    }

    /// Where a text begins, at or behind `from`.
    static func find(_ text: String, in bytes: Slice<UnsafeRawBufferPointer>, from: Int) -> Int? {
        let wanted = Array(text.utf8)
        guard let first = wanted.first else { return nil }
        var offset = from
        while offset < bytes.endIndex, let at = bytes[offset...].firstIndex(of: first) {
            if bytes[at...].starts(with: wanted) { return at }
            offset = at + 1
        }
        return nil
    }
}
