internal import JSONText
internal import Masks
internal import Runtime

extension COCOElementDecoder {
    private static let resultKeys = JSONKeyTable(["image_id", "category_id", "score", "bbox", "segmentation"])

    /// Enters the list of results: the file itself, or the `annotations` of a whole data set.
    mutating func beginResults() throws(JSONError) {
        if parser.hasByteOrderMark {
            note(COCORule.byteOrderMark, .warning, at: 0, "the file starts with a byte order mark; it is skipped")
        }
        resultsKey = ""
        let kind = try parser.peekKind()
        switch kind {
        case .array: try parser.beginArray()
        case .object:
            try parser.beginObject()
            if try passToResults() { return }
            throw parser.error(
                .type, at: parser.offset, "the object has no list \"annotations\"; a results file is a list of objects")
        default:
            throw parser.error(
                .type, at: parser.offset, "the file is \(kind.withArticle); a results file is a list of objects")
        }
    }

    /// Goes to the next result; at the list's end, after which the rest of the file is passed, false.
    mutating func nextResult() throws(JSONError) -> Bool {
        if try parser.nextElement() {
            index += 1
            return true
        }
        if resultsKey != "" {
            index = -1
            while try passToResults() { while try parser.nextElement() { try parser.skipValue() } }
        }
        try parser.finish()
        return false
    }

    /// Goes on to the list of annotations of a data set, which is entered; on the way, the names of its images are kept.
    ///
    /// - Returns: false at the data set's end, which is passed.
    private mutating func passToResults() throws(JSONError) -> Bool {
        while let key = try parser.nextKey() {
            let name = parser.name(of: key)
            let kind = try parser.peekKind()
            switch COCOSection(rawValue: name) {
            case .annotations:
                resultsKey = name
                try parser.beginArray()
                return true
            case .images where kind == .array:
                try parser.beginArray()
                let start = findingCount
                while try parser.nextElement() {
                    guard let image = try image(), !image.fileName.isEmpty else { continue }
                    resultImages.append((image.id, image.fileName))
                }
                // What is wrong with the images of predictions matters only where a result has no image.
                forgetFindings(after: start)
            default: try parser.skipValue()
            }
        }
        return false
    }

    /// The result at the cursor; nil when it cannot be used, with findings that say why.
    mutating func result() throws(JSONError) -> COCOResult? {
        _ = try parser.peekKind()
        let start = parser.offset
        var imageID: COCOIdentifier?
        var categoryID: COCOIdentifier?
        var score: Double?
        var bbox: Box?
        var segmentation: Range<Int>?
        let extra = try members(Self.resultKeys) { (decoder, index, key) throws(JSONError) in
            switch index {
            case 0: return decoder.assign(try decoder.identifier(key), to: &imageID)
            case 1: return decoder.assign(try decoder.identifier(key), to: &categoryID)
            case 2: return decoder.assign(try decoder.score(key), to: &score)
            case 3: return decoder.assign(try decoder.resultBox(key), to: &bbox)
            default: return decoder.assign(try decoder.segmentationPlace(key), to: &segmentation)
            }
        }
        guard let extra else { return nil }
        defer { identify(imageID: imageID, annotationID: .integer(Int64(index + 1))) }
        guard let imageID else { return lacks("image_id", "there is no \"image_id\"", at: start, extra) }
        guard let score else {
            return lacks(
                "score", "there is no \"score\", by which results are ranked", at: start, extra,
                rule: COCOResultsRule.score)
        }
        guard bbox != nil || segmentation != nil else {
            return lacks(
                "bbox", "there is neither a \"bbox\" nor a \"segmentation\"", at: start, extra,
                rule: COCOResultsRule.shape)
        }
        return COCOResult(
            number: index + 1, imageID: imageID, categoryID: categoryID, score: score, bbox: bbox,
            segmentation: segmentation, offset: start)
    }

    /// Notes that a result goes for want of a key, or of a usable value of it.
    private mutating func lacks(
        _ key: String, _ problem: String, at offset: Int, _ extra: [RawMember], rule: String = COCORule.missingKey
    ) -> COCOResult? {
        let hasKey = extra[key] != nil
        note(
            rule, .error, at: offset, key: key, (hasKey ? "\"\(key)\" cannot be used" : problem) + "; \(isDropped)")
        return nil
    }

    private mutating func score(_ key: String) throws(JSONError) -> Double? {
        let kind = try parser.peekKind()
        guard kind == .number else {
            wrongType(key, kind, "a number is due")
            return nil
        }
        let number = try parser.readNumber()
        return isFinite(number, key) ? number.value : nil
    }

    /// The box; pycocotools takes an empty list for none, and so do we.
    private mutating func resultBox(_ key: String) throws(JSONError) -> Box? {
        let kind = try parser.peekKind()
        if kind == .null { return nil }
        let start = parser.offset
        guard kind == .array, let array = try parser.readNumberArray() else {
            wrongType(key, kind, "[x, y, width, height] is due", at: start)
            return nil
        }
        guard !array.values.isEmpty, isFinite(array, key) else { return nil }
        guard array.values.count == 4 else {
            badValue(key, at: start, "\(array.values.count) numbers where [x, y, width, height] is due")
            return nil
        }
        return Box(x: array.values[0], y: array.values[1], width: array.values[2], height: array.values[3])
    }

    /// Passes the segmentation, which is read when its image is. Boxes that go with an empty list are boxes alone.
    private mutating func segmentationPlace(_ key: String) throws(JSONError) -> Range<Int>? {
        let kind = try parser.peekKind()
        switch kind {
        case .array, .object:
            let range = try parser.passValue()
            // What is wrong with it is noted when it is read.
            _ = parser.takeNonFinite()
            return kind == .array && Self.isEmptyList(parser.raw(range)) ? nil : range
        case .null: return nil
        default:
            wrongType(key, kind, "polygons or run lengths are due")
            return nil
        }
    }

    private static func isEmptyList(_ text: UnsafeRawBufferPointer) -> Bool {
        text.dropFirst().first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "]")
    }
}
