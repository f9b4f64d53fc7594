internal import JSONText
internal import Masks
internal import Runtime

/// Single values. Each returns nil or false when the value cannot be understood, after noting why; the caller then keeps
/// the value as text. Malformed text throws.
extension COCOElementDecoder {
    /// An id: any number or text.
    mutating func identifier(_ key: String) throws(JSONError) -> COCOIdentifier? {
        switch try parser.peekKind() {
        case .number:
            let number = try parser.readNumber()
            if let integer = number.integer { return .integer(integer) }
            guard isFinite(number, key) else { return nil }
            return .number(String(decoding: parser.raw(number.range), as: UTF8.self))
        case .string: return .text(try parser.readString())
        case let kind:
            wrongType(key, kind, "an id is a number or a text")
            return nil
        }
    }

    mutating func text(_ key: String) throws(JSONError) -> String? {
        let kind = try parser.peekKind()
        guard kind == .string else {
            wrongType(key, kind, "a text is due")
            return nil
        }
        return try parser.readString()
    }

    /// A number of pixels: whole, 0 or more, also written as `640.0`.
    mutating func pixels(_ key: String) throws(JSONError) -> Int? {
        let kind = try parser.peekKind()
        guard kind == .number else {
            wrongType(key, kind, "a number of pixels is due")
            return nil
        }
        let number = try parser.readNumber()
        guard isFinite(number, key) else { return nil }
        guard let value = number.exactInteger, let pixels = Int(exactly: value), pixels >= 0 else {
            badValue(key, at: number.range.lowerBound, "\(number.value) is no number of pixels")
            return nil
        }
        return pixels
    }

    /// 0 or 1, or a boolean.
    mutating func flag(_ key: String) throws(JSONError) -> Bool? {
        switch try parser.peekKind() {
        case .bool: return try parser.readBool()
        case .number:
            let number = try parser.readNumber()
            guard isFinite(number, key) else { return nil }
            guard number.value == 0 || number.value == 1 else {
                badValue(key, at: number.range.lowerBound, "\(number.value) where 0 or 1 is due")
                return nil
            }
            return number.value == 1
        case let kind:
            wrongType(key, kind, "0 or 1 is due")
            return nil
        }
    }

    mutating func area(_ key: String, of annotation: inout COCOAnnotation) throws(JSONError) -> Bool {
        let kind = try parser.peekKind()
        guard kind == .number else {
            wrongType(key, kind, "a number of pixels is due")
            return false
        }
        let number = try parser.readNumber()
        guard isFinite(number, key) else { return false }
        annotation.area = number.value
        annotation.spelling.area = number.isIntegerText ? .plain : .decimal
        return true
    }

    mutating func box(_ key: String, of annotation: inout COCOAnnotation) throws(JSONError) -> Bool {
        let kind = try parser.peekKind()
        let start = parser.offset
        guard kind == .array, let array = try parser.readNumberArray() else {
            wrongType(key, kind, "[x, y, width, height] is due", at: start)
            return false
        }
        guard isFinite(array, key) else { return false }
        guard array.values.count == 4 else {
            badValue(key, at: start, "\(array.values.count) numbers where [x, y, width, height] is due")
            return false
        }
        annotation.bbox = Box(
            x: array.values[0], y: array.values[1], width: array.values[2], height: array.values[3])
        annotation.spelling.bbox = spelling(of: array)
        return true
    }

    /// How the integral numbers of an array that was read are spelled.
    func spelling(of array: JSONNumberArray) -> NumberSpelling {
        spelling(hasPlain: array.hasPlainIntegers, hasDecimal: array.hasDecimalIntegers, in: array.range)
    }

    /// How integral numbers are spelled in a range of the text that has been read.
    func spelling(hasPlain: Bool, hasDecimal: Bool, in range: Range<Int>) -> NumberSpelling {
        guard hasPlain, hasDecimal else { return hasDecimal ? .decimal : .plain }
        return .mixed(parser.numbersWithPoint(in: range))
    }

    // MARK: Notes

    mutating func isFinite(_ number: JSONNumber, _ key: String) -> Bool {
        if number.value.isFinite { return true }
        noteNonFinite(key, at: number.range.lowerBound)
        return false
    }

    mutating func isFinite(_ array: JSONNumberArray, _ key: String) -> Bool {
        guard array.hasNonFinite else { return true }
        noteNonFinite(key, at: array.range.lowerBound)
        return false
    }

    mutating func wrongType(_ key: String, _ kind: JSONKind, _ expected: String, at offset: Int? = nil) {
        note(
            COCORule.wrongType, .error, at: offset ?? parser.offset, key: key,
            "\"\(key)\" is \(kind.withArticle); \(expected)")
    }

    mutating func badValue(_ key: String, at offset: Int, _ problem: String) {
        note(COCORule.badValue, .error, at: offset, key: key, "\"\(key)\": \(problem)")
    }
}
