internal import JSONText

/// How numbers with an integral value are written: `12` or `12.0`. Both are the same number, but a file that was read
/// and written again should not differ in every line.
package enum NumberSpelling: Sendable, Hashable {
    /// `12`, also where nothing is known.
    case plain
    /// `12.0`.
    case decimal
    /// One flag per number, in order: whether it has a point. Numbers beyond the list are plain.
    case mixed([Bool])

    /// Writes the number at `index`.
    func write(_ value: Double, at index: Int, to writer: inout JSONWriter) {
        let isDecimal =
            switch self {
            case .plain: false
            case .decimal: true
            case .mixed(let flags): flags.indices.contains(index) && flags[index]
            }
        if isDecimal { writer.number(value) } else { writer.plainNumber(value) }
    }
}
