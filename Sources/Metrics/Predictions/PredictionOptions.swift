package import Annotations

/// How predictions are compared with the truth.
package struct PredictionOptions: Sendable {
    package var overlap = OverlapKind.segm
    package var rules = DetectionRules.coco()
    /// The only classes that count; nil for all.
    package var classes: Set<COCOIdentifier>?
    /// How the masks of found objects are compared; nil for not at all. Only where masks are.
    package var pairs: PairScores.Options?
    /// How intervals are found.
    package var bootstrap = ClusterBootstrap()

    package init() {}
}
