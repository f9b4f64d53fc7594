internal import Annotations

/// Predictions, ready to be asked for image by image.
enum PredictionSet: Sendable {
    case results(PredictionTable)
    case labels(LabelPredictions)

    /// The results of one image.
    ///
    /// - Throws: what a source of labels throws.
    func predictions(ofImage place: Int, _ image: COCOImage) throws -> ImagePredictions {
        switch self {
        case .labels(let labels): return try labels.predictions(ofImage: place, image)
        case .results(let table):
            let rows = table.rows(ofImage: place)
            return ImagePredictions(
                rows: rows, shapes: .file(table.file), takesAreaOfBox: table.takesAreaOfBox, readCount: rows.count)
        }
    }
}
