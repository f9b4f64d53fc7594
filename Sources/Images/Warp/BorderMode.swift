/// What lies outside of an image whose line is `abcd`, in the words of OpenCV.
package enum BorderMode: String, Sendable, Hashable, CaseIterable {
    /// One colour.
    case constant
    /// `dcba|abcd|dcba`.
    case reflect
    /// `dcb|abcd|cba`.
    case reflect101 = "reflect_101"
    /// `aaa|abcd|ddd`.
    case replicate
    /// `bcd|abcd|abc`.
    case wrap

    /// The position inside of `0..<length` that stands for any position; nil for the colour.
    ///
    /// - Parameter length: at least 1.
    package func position(_ position: Int, length: Int) -> Int? {
        if position >= 0 && position < length { return position }
        switch self {
        case .constant: return nil
        case .replicate: return position < 0 ? 0 : length - 1
        case .wrap: return Self.modulo(position, length)
        case .reflect:
            let place = Self.modulo(position, 2 * length)
            return place < length ? place : 2 * length - 1 - place
        case .reflect101:
            if length == 1 { return 0 }
            let place = Self.modulo(position, 2 * length - 2)
            return place < length ? place : 2 * length - 2 - place
        }
    }

    private static func modulo(_ a: Int, _ b: Int) -> Int {
        let rest = a % b
        return rest < 0 ? rest + b : rest
    }
}
