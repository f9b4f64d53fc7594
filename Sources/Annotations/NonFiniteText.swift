/// `NaN`, `Infinity` and `-Infinity` in a text that is JSON but for them.
enum NonFiniteText {
    /// The text with each of them replaced by null.
    ///
    /// Only strings can hold the same letters: they are passed over.
    static func replaced(in text: UnsafeRawBufferPointer) -> [UInt8] {
        let words = ["NaN", "-Infinity", "Infinity"].map { Array($0.utf8) }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        var isInString = false
        while index < text.count {
            let byte = text[index]
            if !isInString, let word = words.first(where: { text[index...].starts(with: $0) }) {
                result.append(contentsOf: "null".utf8)
                index += word.count
                continue
            }
            result.append(byte)
            index += 1
            if isInString && byte == UInt8(ascii: "\\") {
                result.append(text[index])
                index += 1
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            }
        }
        return result
    }
}
