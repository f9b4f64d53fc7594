package import SAM
package import Tensors

/// The answers to the prompts of a batch, in the forms that a loss asks for.
///
/// Shapes: P prompts, L side of low-resolution masks.
package struct MaskTargets: Sendable {
    /// Share of each cell that the object covers, [P, L, L].
    package let coverage: Tensor
    /// Weights of the boundary loss, [P, L, L], or nil.
    package let boundaryWeights: Tensor?
    /// The labels at the size of the image, which lies in `frame`; empty where nobody asks for them.
    let labels: [LabelPixels]
    let frame: ImageFrame

    /// - Parameters:
    ///   - objects: at least one.
    ///   - objective: the loss that will be asked.
    ///   - frame: how the objects' image lies in the model's input.
    package init(_ objects: [TrainingObject], for objective: MaskObjective, frame: ImageFrame) {
        let side = objects[0].target.width
        let shape = [objects.count, side, side]
        coverage = Tensor(objects.flatMap(\.target.values), shape: shape)
        boundaryWeights =
            objective.weights.boundary > 0
            ? Tensor(objects.flatMap { BoundaryWeights.values($0.target) }, shape: shape) : nil
        labels = objective.pointCount > 0 ? objects.map { LabelPixels($0.label) } : []
        self.frame = frame
    }
}
