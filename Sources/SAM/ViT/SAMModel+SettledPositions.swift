private import Layers
private import Tensors

extension SAMModel {
    /// The same model with tables of relative positions of the lengths that its input asks for, interpolated once and for
    /// all: programs that load weights by shape then take them. Without such tables, the model itself.
    package func withSettledPositions() -> SAMModel {
        guard case .vit(var vit) = configuration.encoder, !vit.relativePositionRows.isEmpty else { return self }
        var settled = configuration
        vit.relativePositionRows = [:]
        settled.encoder = .vit(vit)
        var model = SAMModel(settled, from: .zero)
        model.hqTokenOnly = hqTokenOnly
        for (target, source) in zip(model.parameters, parameters) {
            target.value =
                target.shape == source.shape
                ? source.value
                : GradientRecording.off { source.value.fittedRelativePositions(to: (target.shape[0] + 1) / 2) }
        }
        return model
    }
}
