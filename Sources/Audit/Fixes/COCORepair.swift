internal import Masks

/// What an annotation would have to say, as far as its mask alone tells.
struct COCORepair: Sendable, Hashable {
    /// Where the annotation starts in the file.
    var offset = 0
    /// The mask's area, where the stated one is wrong.
    var area: Double?
    /// The mask's box, where the stated one is wrong.
    var box: Box?
    /// It is the same as an earlier annotation, and goes.
    var isRemoved = false
    /// The rules that it broke.
    var rules: [String] = []

    var isEmpty: Bool { rules.isEmpty }
}
