extension JSONDocument {
    /// How keys are spelled in the text that json-c gets.
    enum KeySpelling {
        case asWritten
        /// Some key holds U+0000, at which json-c would cut it: U+F8FF 0 stands for U+0000 and U+F8FF 1 for U+F8FF in
        /// all keys.
        case marked

        private static let mark = Unicode.Scalar(0xf8ff as UInt16) ?? " "

        /// The key that a spelling stands for.
        func name(_ spelling: String) -> String {
            guard case .marked = self else { return spelling }
            var name = String.UnicodeScalarView()
            var isAfterMark = false
            for scalar in spelling.unicodeScalars {
                if isAfterMark {
                    name.append(scalar == "0" ? "\0" : Self.mark)
                    isAfterMark = false
                } else if scalar == Self.mark {
                    isAfterMark = true
                } else {
                    name.append(scalar)
                }
            }
            return String(name)
        }

        /// The spelling of a key under ``marked``.
        static func marking(_ name: String) -> String {
            var spelling = String.UnicodeScalarView()
            for scalar in name.unicodeScalars {
                guard scalar == "\0" || scalar == mark else {
                    spelling.append(scalar)
                    continue
                }
                spelling.append(mark)
                spelling.append(scalar == "\0" ? "0" : "1")
            }
            return String(spelling)
        }
    }

    /// One pass over a document before json-c sees it: refuses what json-c would take, and notes what json-c would
    /// change and must therefore get in other words.
    struct Screening {
        /// Where the text starts, after a byte order mark.
        let start: Int
        /// Text to put in the place of ranges, in ascending order.
        private(set) var replacements: [(range: Range<Int>, text: [UInt8])] = []
        private(set) var keys = KeySpelling.asWritten
        private var parser: JSONPullParser

        init(_ bytes: UnsafeRawBufferPointer, path: String?, maximumDepth: Int) throws(JSONError) {
            parser = JSONPullParser(bytes, path: path, maximumDepth: maximumDepth)
            start = parser.offset
            var marked: [(range: Range<Int>, text: [UInt8])] = []
            try screenValue(&marked)
            try parser.finish()
            guard case .marked = keys else { return }
            replacements = (replacements + marked).sorted { $0.range.lowerBound < $1.range.lowerBound }
        }

        /// The text with its replacements.
        func text(replacing bytes: UnsafeRawBufferPointer) -> [UInt8] {
            var text: [UInt8] = []
            var done = start
            for (range, replacement) in replacements {
                text.append(contentsOf: bytes[done..<range.lowerBound])
                text.append(contentsOf: replacement)
                done = range.upperBound
            }
            text.append(contentsOf: bytes[done...])
            return text
        }

        private mutating func screenValue(
            _ marked: inout [(range: Range<Int>, text: [UInt8])]
        ) throws(JSONError) {
            switch try parser.peekKind() {
            case .object: try screenObject(&marked)
            case .array:
                try parser.beginArray()
                while try parser.nextElement() { try screenValue(&marked) }
            case .number: try screenNumber()
            default: try parser.skipValue()
            }
        }

        private mutating func screenObject(
            _ marked: inout [(range: Range<Int>, text: [UInt8])]
        ) throws(JSONError) {
            try parser.beginObject()
            var seen: Set<[UInt8]> = []
            while let key = try parser.nextKey() {
                let name = parser.name(of: key)
                // Compared by bytes: `String` takes two spellings of one accented letter for equal.
                guard seen.insert(Array(name.utf8)).inserted else {
                    throw parser.error(.duplicateKey, at: key.range.lowerBound, "the key \"\(name)\" occurs twice")
                }
                if name.unicodeScalars.contains(where: { $0 == "\0" || $0.value == 0xf8ff }) {
                    if name.unicodeScalars.contains("\0") { keys = .marked }
                    var writer = JSONWriter()
                    writer.string(KeySpelling.marking(name))
                    marked.append((key.range, Array(writer.bytes.dropFirst().dropLast())))
                }
                try screenValue(&marked)
            }
        }

        private mutating func screenNumber() throws(JSONError) {
            let number = try parser.readNumber()
            guard number.value.isFinite else {
                throw parser.error(
                    .range, at: number.range.lowerBound, "the number is beyond the range of a 64-bit float")
            }
            // json-c cuts such integers to the largest that it has; as a float the nearest value is kept.
            if number.isIntegerText, number.integer == nil {
                replacements.append((number.range.upperBound..<number.range.upperBound, Array(".0".utf8)))
            }
        }
    }
}
