private import Foundation
internal import Masks

extension Double {
    /// An area or a coordinate as people read it: up to three decimals, no exponent where it can be avoided.
    var measure: String {
        // Beyond the first bound decimals say nothing, below the second three of them do not.
        guard abs(self) < 1e15, self == 0 || abs(self) >= 0.0005 else { return "\(self)" }
        var text = String(format: "%.3f", self)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}

extension Box {
    /// `[x, y, width, height]` as people read it.
    var measure: String { "[" + [x, y, width, height].map(\.measure).joined(separator: ", ") + "]" }
}
