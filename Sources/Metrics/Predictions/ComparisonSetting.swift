/// What all images of an evaluation are compared by. One object, so that threads share one count of its users and no more.
final class ComparisonSetting: Sendable {
    let classes: ClassIndex
    let options: PredictionOptions
    /// Whether the truth's format has a place for areas, so that a label without one is worth a word.
    let statesAreas: Bool
    /// Whether masks become pixels, for boundaries and distances.
    let needsPixels: Bool
    /// What an overlap of masks has to reach to be looked at; labels that no result can overlap so much need not be drawn.
    let lowestOverlap: Double

    init(classes: ClassIndex, options: PredictionOptions, statesAreas: Bool) {
        self.classes = classes
        self.options = options
        self.statesAreas = statesAreas
        needsPixels = options.overlap == .boundary || options.overlap.comparesMasks && options.pairs != nil
        lowestOverlap = options.rules.overlapThresholds.min() ?? 0
    }
}
