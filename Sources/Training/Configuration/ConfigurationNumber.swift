/// Numbers as they are written in configurations: `20`, `0.001`, `1.0e-05`.
enum ConfigurationNumber {
    /// The shortest text that reads back as the same number, whole numbers without a point.
    static func text(_ value: Double) -> String {
        if let whole = Int(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
        let text = "\(value)"
        // A point and a sign, without which YAML 1.1 takes `1e-05` for a word.
        guard let exponent = text.firstIndex(of: "e"), !text.contains(".") else { return text }
        return text[..<exponent] + ".0" + text[exponent...]
    }

    /// The shortest text that reads back as the same single.
    static func text(_ value: Float) -> String { Double("\(value)").map(text) ?? "\(value)" }

    /// The whole number that a text names, also with a point or an exponent as YAML and JSON allow: `3`, `3.0`, `1e3`.
    static func whole(_ text: String) -> Int? { Int(text) ?? Double(text).flatMap(Int.init(exactly:)) }
}
