package import Annotations

/// What came of comparing predictions with the truth.
package struct PredictionEvaluation: Sendable {
    /// One class.
    package struct ClassResult: Sendable {
        /// Nil where all classes are one.
        package var category: COCOCategory?
        package var averages: ClassAverages
    }

    package var rules: DetectionRules
    /// COCO's twelve numbers, or LVIS's thirteen.
    package var figures: [DetectionFigure]
    /// In ascending order of ids.
    package var classes: [ClassResult]
    /// How well the masks of found objects agree; nil where that was not asked for.
    package var pairs: PairSummary?
    package var imageCount: Int
    /// Results that can be used, before the limits of how many count; those that were dropped are not among them.
    package var predictionCount: Int
    /// Results that were read of the truth's images; of a results file, those that are used.
    package var readCount: Int
}
