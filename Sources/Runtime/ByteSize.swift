private import Foundation

/// A number of bytes as people write it: `256MB`, `4GB`, `512KB`, `1000`; powers of 1000, binary units with an `i`.
package struct ByteSize: Sendable, Hashable, CustomStringConvertible {
    package let bytes: Int

    package init(bytes: Int) { self.bytes = bytes }

    /// The size that a text names, or nil where it names none.
    package init?(text: String) {
        let units: [(String, Double)] = [
            ("KIB", 0x1p10), ("MIB", 0x1p20), ("GIB", 0x1p30), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1),
        ]
        let text = text.uppercased().filter { $0 != " " }
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
