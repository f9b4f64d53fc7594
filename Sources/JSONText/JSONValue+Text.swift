extension JSONValue {
    /// The value as JSON text: the same value gives the same bytes, members keep their order, floats are the shortest
    /// that read back as the same number.
    ///
    /// - Parameter pretty: two blanks of indentation per level; otherwise no white space at all.
    package func text(pretty: Bool = false) -> String {
        var writer = JSONWriter(layout: pretty ? .indented : .compact)
        writer.value(self)
        return writer.text
    }
}
