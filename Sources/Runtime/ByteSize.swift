private import Foundation

/// A number of bytes as people write it: `256MB`, `4G`, `512KiB`, `1000`; powers of 1000, binary units with an `i`.
package struct ByteSize: Sendable, Hashable, CustomStringConvertible {
    package let bytes: Int

    package init(bytes: Int) { self.bytes = bytes }

    /// The size that a text names, or nil where it names none.
    package init?(text: String) {
        let units: [(String, Double)] = [
            ("KI", 0x1p10), ("MI", 0x1p20), ("GI", 0x1p30), ("TI", 0x1p40), ("K", 1e3), ("M", 1e6), ("G", 1e9),
            ("T", 1e12),
            ("", 1),
        ]
        var text = text.uppercased().filter { $0 != " " }
        if text.last == "B" { text.removeLast() }
        guard let unit = units.first(where: { text.hasSuffix($0.0) }),
            let number = Double(text.dropLast(unit.0.count)), number.isFinite, number >= 0,
            let bytes = Int(exactly: (number * unit.1).rounded())
        else { return nil }
        self.bytes = bytes
    }

    package var description: String {
        switch bytes {
        case ..<1000: "\(bytes) B"
        case ..<1_000_000: String(format: "%.1f KB", Double(bytes) / 1e3)
        case ..<1_000_000_000: String(format: "%.1f MB", Double(bytes) / 1e6)
        default: String(format: "%.2f GB", Double(bytes) / 1e9)
        }
    }
}
