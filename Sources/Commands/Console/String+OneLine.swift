extension String {
    /// A message on a terminal, which may hold words of a stranger's file: control characters but line breaks become blanks.
    var printable: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).onOneLine }.joined(separator: "\n")
    }

    /// Text of a stranger's file on one line of a terminal: control characters become blanks.
    var onOneLine: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        return String(
            UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
