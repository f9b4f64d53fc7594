internal import Glibc

/// Names of others, made fit for files and addresses.
enum TrackedName {
    /// ASCII letters, digits, `-`, `_` and `.`; anything else becomes `_`, a leading dot as well; at most 80 bytes.
    static func safe(_ text: String) -> String {
        let kept = text.utf8.prefix(80).map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                byte
            default: UInt8(ascii: "_")
            }
        }
        let name = String(decoding: kept, as: UTF8.self)
        if name.isEmpty { return "_" }
        return name.hasPrefix(".") ? "_" + name.dropFirst() : name
    }

    /// Random characters out of `0...9a...z`, or hexadecimal digits alone.
    static func random(_ count: Int, hexadecimal: Bool) -> String {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".prefix(hexadecimal ? 16 : 36))
        return String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }

    /// Whether an identifier consists of such characters.
    static func isIdentifier(_ text: String, count: ClosedRange<Int>) -> Bool {
        count.contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            }
    }

    /// The machine's name, as it calls itself.
    static var machine: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return safe(String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
}
