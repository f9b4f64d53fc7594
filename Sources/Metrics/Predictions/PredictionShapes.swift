internal import Annotations
internal import Runtime

/// Where the shapes of one image's results are read from.
enum PredictionShapes: Sendable {
    /// A results file, in which rows say where their segmentations stand.
    case file(MappedFile)
    /// Labels of a second annotator: a row's number is the place of its object, from 1.
    case labels([COCOAnnotation])
}
