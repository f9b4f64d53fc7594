internal import JSONText
internal import Runtime

/// Reads the elements of a COCO file one by one, and notes what is wrong with them.
struct COCOElementDecoder {
    /// A key as it was read.
    struct Key {
        let name: String
        /// Its text between the quotes, where that holds escapes.
        let text: [UInt8]?
    }

    /// A top-level member.
    struct Section {
        enum Content {
            /// One of the three lists, now entered.
            case list(COCOSection)
            case other(RawMember)
        }

        let name: String
        let offset: Int
        let content: Content
    }

    enum Element: Sendable {
        case image(COCOImage)
        case annotation(COCOAnnotation)
        case place(COCOAnnotationPlace)
        case category(COCOCategory)
        /// It cannot be used; a finding says why.
        case dropped
    }

    var parser: JSONPullParser
    /// The quick ways of reading the elements of lists, where many are read.
    var regular: COCORegularElements?
    /// Whether the polygons of an annotation take the memory of those of the one before, which must be out of use then.
    var reusesRings = false
    let path: String?
    private(set) var section: COCOSection?
    /// Of the element in its list.
    var index = -1
    /// Whether of annotations no more than their place is wanted.
    var passesAnnotations = false
    /// The key of the list of results that is being read, empty for one that is the whole file; nil elsewhere.
    var resultsKey: String?
    /// Of a data set of results, its images by id and file name.
    var resultImages: [(id: COCOIdentifier, fileName: String)] = []
    private var findings: [Finding] = []
    private var hasBegun = false

    /// - Parameter section: the list that the text is an element of, where it is not a whole file.
    init(_ bytes: UnsafeRawBufferPointer, path: String?, section: COCOSection? = nil) {
        parser = JSONPullParser(bytes, path: path, acceptsNonFinite: true)
        self.path = path
        self.section = section
    }

    // MARK: Walking

    /// The next top-level member: one of the lists is entered, any other read as text. Nil at the file's end.
    mutating func nextSection() throws(JSONError) -> Section? {
        if !hasBegun {
            hasBegun = true
            try beginDataset()
        }
        guard let token = try parser.nextKey() else {
            try parser.finish()
            return nil
        }
        let key = key(token)
        let offset = token.range.lowerBound - 1
        guard let list = COCOSection(rawValue: key.name) else {
            return Section(name: key.name, offset: offset, content: .other(try rawMember(key)))
        }
        let kind = try parser.peekKind()
        guard kind == .array else {
            throw parser.error(
                .type, at: parser.offset, "\"\(list.rawValue)\" is \(kind.withArticle); a COCO file has a list there")
        }
        try parser.beginArray()
        section = list
        index = -1
        return Section(name: key.name, offset: offset, content: .list(list))
    }

    private mutating func beginDataset() throws(JSONError) {
        if parser.hasByteOrderMark {
            note(COCORule.byteOrderMark, .warning, at: 0, "the file starts with a byte order mark; it is skipped")
        }
        let kind = try parser.peekKind()
        guard kind == .object else {
            let hint = kind == .array ? " (a list alone is a results file)" : ""
            throw parser.error(
                .type, at: parser.offset, "the file is \(kind.withArticle); a COCO data set is an object\(hint)")
        }
        try parser.beginObject()
    }

    /// Whether the list has another element, the cursor then before it; at its end, which is passed, false.
    mutating func hasNextElement() throws(JSONError) -> Bool {
        guard section != nil, try parser.nextElement() else {
            section = nil
            return false
        }
        return true
    }

    /// The element at the cursor, which has been asked for.
    mutating func element() throws(JSONError) -> Element {
        index += 1
        switch section {
        case .images: return try image().map(Element.image) ?? .dropped
        case .annotations:
            if passesAnnotations { return try annotationPlace().map(Element.place) ?? .dropped }
            var annotation = blankAnnotation
            return try readAnnotation(into: &annotation) ? .annotation(annotation) : .dropped
        case .categories: return try category().map(Element.category) ?? .dropped
        case nil: preconditionFailure("an element outside the lists")
        }
    }

    /// Goes on inside a list of the file.
    ///
    /// - Parameters:
    ///   - list: the list.
    ///   - offset: where one of its elements starts.
    ///   - line: of the element.
    ///   - index: of the element in the list.
    ///   - end: where the text is taken to end; nil for its own end.
    mutating func enter(_ list: COCOSection, at offset: Int, line: Int, index: Int, end: Int? = nil) {
        parser.enter(at: offset, depth: 2, line: line, end: end)
        section = list
        self.index = index - 1
    }

    /// Goes on after a list that was read elsewhere.
    mutating func leaveList(at offset: Int, line: Int) {
        parser.enter(at: offset, depth: 1, line: line)
        section = nil
    }

    /// Notes the lists that the file does not have.
    mutating func noteMissing(_ names: Set<String>) {
        for list in COCOSection.allCases where names.contains(list.rawValue) {
            note(
                COCORule.missingSection, list == .categories ? .warning : .error, at: parser.offset,
                key: list.rawValue, "the file has no list \"\(list.rawValue)\"")
        }
    }

    /// `annotations[7]`, where the decoder is inside a list; `[7]` in a file of results.
    var elementPath: String? {
        guard let list = resultsKey ?? section?.rawValue, !list.isEmpty || index >= 0 else { return nil }
        return index < 0 ? list : "\(list)[\(index)]"
    }

    /// The place of the element that comes next.
    mutating func origin() throws(JSONError) -> DataOrigin {
        _ = try parser.peekKind()
        return DataOrigin(path: path, position: parser.position(at: parser.offset))
    }

    mutating func key(_ token: JSONKey) -> Key {
        Key(name: parser.name(of: token), text: token.isPlain ? nil : Array(parser.raw(token.range)))
    }

    /// The value after `key`, as text; numbers that JSON does not have become null.
    ///
    /// - Parameter isNoted: what is wrong with the value was noted already.
    mutating func rawMember(_ key: Key, isNoted: Bool = false) throws(JSONError) -> RawMember {
        _ = parser.takeNonFinite()
        let range = try parser.skipValue()
        guard let place = parser.takeNonFinite() else {
            return RawMember(name: key.name, nameText: key.text, value: Array(parser.raw(range))[...])
        }
        if !isNoted { noteNonFinite(key.name, at: place) }
        return RawMember(name: key.name, nameText: key.text, value: NonFiniteText.replaced(in: parser.raw(range))[...])
    }

    // MARK: Findings

    var hasFindings: Bool { !findings.isEmpty }
    var findingCount: Int { findings.count }

    /// Forgets the findings after the first so many, which will be made again.
    mutating func forgetFindings(after count: Int) { findings.removeSubrange(count...) }

    mutating func takeFindings() -> [Finding] {
        defer { findings = [] }
        return findings
    }

    /// Notes what is wrong at a place of the text.
    ///
    /// - Parameter key: of the element, where it is about one.
    mutating func note(
        _ rule: String, _ severity: Severity, at offset: Int, key: String? = nil, _ message: String
    ) {
        var location = parser.location(at: offset)
        location.path = path
        location.keyPath = elementPath.map { element in key.map { "\(element).\($0)" } ?? element } ?? key
        findings.append(Finding(rule: rule, severity: severity, location: location, message: message))
    }

    mutating func noteNonFinite(_ key: String, at offset: Int) {
        note(
            COCORule.nonFiniteNumber, .error, at: offset, key: key,
            "\"\(key)\" holds a number that is not finite; it is ignored")
    }

    /// Adds to the findings about this element the ids that they could not know while it was being read.
    mutating func identify(imageID: COCOIdentifier? = nil, annotationID: COCOIdentifier? = nil) {
        for at in findings.indices {
            findings[at].location.imageID = imageID?.description
            findings[at].location.annotationID = annotationID?.description
        }
    }

    /// Adds the consequence for the element to the note about one of its keys, which becomes the last: that is the one for
    /// which the element goes.
    mutating func noteIsDropped(for key: String) {
        let path = elementPath.map { "\($0).\(key)" }
        if let at = findings.lastIndex(where: { $0.location.keyPath == path }) {
            findings[at].message += "; " + isDropped
            findings.append(findings.remove(at: at))
        }
    }

    /// The consequence for the element, in messages.
    var isDropped: String {
        "the \(resultsKey != nil ? "result" : section?.elementName ?? "element") is dropped"
    }
}
