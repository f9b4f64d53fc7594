/// Numbers as they are written in configurations: `20`, `0.001`, `1e-05`.
enum ConfigurationNumber {
    /// The shortest text that reads back as the same number, whole numbers without a point.
    static func text(_ value: Double) -> String {
        if let whole = Int(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
        return "\(value)"
    }
}
