internal import Masks

/// One result, without its segmentation.
struct PredictionRow: Sendable {
    /// Number of its image.
    var image: Int32
    /// Number of its class; -1 without one.
    var category: Int32
    /// Place in the list, from 1.
    var number: Int
    var score: Double
    /// ``Box/zero`` where ``hasBox`` is false.
    var box: Box
    var hasBox: Bool
    /// Where its segmentation stands in the file; empty without one.
    var segmentation: Range<Int>
    /// Where it starts in the file.
    var offset: Int

    /// Whether this one is better, or as good and before the other.
    func precedes(_ other: PredictionRow) -> Bool {
        score > other.score || score == other.score && number < other.number
    }
}
