/// The rules of the findings that reading a COCO results file can make, beside those of ``COCORule``.
package enum COCOResultsRule {
    /// A result has no usable score, without which it cannot be ranked; it is dropped.
    package static let score = "results.score"
    /// A result has neither a box nor a segmentation; it is dropped.
    package static let shape = "results.shape"
}
