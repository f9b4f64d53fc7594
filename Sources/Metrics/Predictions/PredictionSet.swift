internal import Annotations

/// Predictions, ready to be asked for image by image.
enum PredictionSet: Sendable {
    case results(PredictionTable)
    case labels(LabelPredictions)

    /// Objects of images that the truth does not have; those of a results file are counted when it is read.
    var strayCount: Int {
        switch self {
        case .results: 0
        case .labels(let labels): labels.strayCount
        }
    }

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
