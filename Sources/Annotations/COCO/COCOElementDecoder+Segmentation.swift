internal import JSONText
internal import Runtime

extension COCOElementDecoder {
    private static let maskKeys = JSONKeyTable(["size", "counts"])

    /// A segmentation in any of its forms; null and a missing key are the same.
    mutating func segmentation(_ key: String, of annotation: inout COCOAnnotation) throws(JSONError) -> Bool {
        switch try parser.peekKind() {
        case .array: return try polygons(key, of: &annotation)
        case .object: return try mask(key, of: &annotation)
        case .null: return false
        case let kind:
            wrongType(key, kind, "polygons or run lengths are due")
            return false
        }
    }

    // MARK: Polygons

    private mutating func polygons(_ key: String, of annotation: inout COCOAnnotation) throws(JSONError) -> Bool {
        let start = parser.offset
        if let flat = try parser.readNumberArray() {
            guard !flat.values.isEmpty else {
                annotation.segmentation = .polygons([])
                return true
            }
            guard isFinite(flat, key) else { return false }
            note(
                COCORule.flatPolygon, .warning, at: start, key: key,
                "one flat list of \(flat.values.count) numbers is read as one polygon; a list of lists is due")
            annotation.segmentation = .polygons([flat.values])
            annotation.spelling.segmentation = spelling(of: flat)
            return true
        }
        try parser.beginArray()
        var rings: [[Double]] = []
        var hasPlain = false
        var hasDecimal = false
        while try parser.nextElement() {
            let kind = try parser.peekKind()
            let place = parser.offset
            guard kind == .array, let array = try parser.readNumberArray() else {
                let what = kind == .array ? "a list of other things than numbers" : kind.withArticle
                wrongType(key, .array, "polygon \(rings.count) in it is \(what)", at: place)
                return false
            }
            guard isFinite(array, key) else { return false }
            rings.append(array.values)
            hasPlain = hasPlain || array.hasPlainIntegers
            hasDecimal = hasDecimal || array.hasDecimalIntegers
        }
        annotation.segmentation = .polygons(rings)
        annotation.spelling.segmentation = spelling(
            hasPlain: hasPlain, hasDecimal: hasDecimal, in: start..<parser.offset)
        return true
    }

    // MARK: Run lengths

    private enum Counts {
        case runs([Int])
        case compressed([UInt8])
    }

    private mutating func mask(_ key: String, of annotation: inout COCOAnnotation) throws(JSONError) -> Bool {
        let start = parser.offset
        var size: (height: Int, width: Int)?
        var counts: Counts?
        var seen: UInt32 = 0
        try parser.beginObject()
        while let token = try parser.nextKey() {
            let place = token.range.lowerBound
            guard let index = Self.maskKeys.index(of: token, in: &parser) else {
                let name = parser.name(of: token)
                note(
                    COCORule.unknownMaskKey, .warning, at: place, key: key,
                    "the run-length mask has a key \"\(name)\", which is not kept")
                try parser.skipValue()
                continue
            }
            if seen & 1 << index != 0 {
                note(
                    COCORule.duplicateKey, .error, at: place, key: key,
                    "the key \"\(Self.maskKeys.names[index])\" stands twice; the last one counts")
            }
            seen |= 1 << index
            if index == 0 {
                guard let value = try maskSize(key) else { return false }
                size = value
            } else {
                guard let value = try maskCounts(key) else { return false }
                counts = value
            }
        }
        guard let size, let counts else {
            note(
                COCORule.missingKey, .error, at: start, key: key,
                "the run-length mask has no \"\(size == nil ? "size" : "counts")\"")
            return false
        }
        switch counts {
        case .runs(let runs):
            annotation.segmentation = .runs(height: size.height, width: size.width, counts: runs)
        case .compressed(let bytes):
            annotation.segmentation = .compressed(height: size.height, width: size.width, bytes: bytes)
        }
        return true
    }

    private mutating func maskSize(_ key: String) throws(JSONError) -> (height: Int, width: Int)? {
        let kind = try parser.peekKind()
        let start = parser.offset
        guard kind == .array, let array = try parser.readNumberArray() else {
            wrongType(key, kind, "\"size\" of a run-length mask is [height, width]", at: start)
            return nil
        }
        guard isFinite(array, key) else { return nil }
        let sides = array.values.compactMap { Int(exactly: $0) }
        guard array.values.count == 2, sides.count == 2, sides.allSatisfy({ $0 >= 0 }) else {
            badValue(key, at: start, "\"size\" is \(array.values); [height, width] in pixels is due")
            return nil
        }
        return (sides[0], sides[1])
    }

    private mutating func maskCounts(_ key: String) throws(JSONError) -> Counts? {
        let kind = try parser.peekKind()
        let start = parser.offset
        if kind == .string { return .compressed(try parser.readStringBytes()) }
        guard kind == .array, let array = try parser.readNumberArray() else {
            wrongType(key, kind, "\"counts\" of a run-length mask is a list of numbers or a text", at: start)
            return nil
        }
        guard isFinite(array, key) else { return nil }
        let runs = array.values.compactMap { Int(exactly: $0) }
        guard runs.count == array.values.count else {
            badValue(key, at: start, "\"counts\" holds a number that is no whole number of pixels")
            return nil
        }
        return .runs(runs)
    }
}
