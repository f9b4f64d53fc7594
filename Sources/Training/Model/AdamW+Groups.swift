package import Layers
package import Tensors

extension AdamW {
    /// The optimiser of a run: weight decay on matrices and filters alone.
    ///
    /// Left out are biases and norms, whose size means something else, and tables of embeddings and positions, whose rows
    /// would fade where the data does not ask for them.
    package init(_ parameters: [Parameter], configuration: TrainingConfiguration) {
        self.init(
            groups: [
                Group(parameters.filter(Self.decays), weightDecay: Float(configuration.weightDecay)),
                Group(parameters.filter { !Self.decays($0) }, weightDecay: 0),
            ],
            beta1: configuration.beta1, beta2: configuration.beta2)
    }

    /// The same for all that a run trains: what joins at the end of another epoch is in groups of its own, so that it has a
    /// warm-up of its own.
    package init(_ trained: TrainedParameters, configuration: TrainingConfiguration) {
        let groups = ([0] + trained.joinEpochs).flatMap { epoch -> [Group] in
            let parameters = trained.all.filter { trained.joinEpoch($0.name) == epoch }
            return [
                Group(parameters.filter(Self.decays), weightDecay: Float(configuration.weightDecay)),
                Group(parameters.filter { !Self.decays($0) }, weightDecay: 0),
            ]
        }
        self.init(groups: groups, beta1: configuration.beta1, beta2: configuration.beta2)
    }

    private static func decays(_ parameter: Parameter) -> Bool {
        let isTable = ["pos_embed", "rel_pos", "_embed.", "_embeddings.", "_token"].contains {
            parameter.name.contains($0) && !parameter.name.contains("patch_embed") && !parameter.name.contains("_attn_")
        }
        return parameter.shape.count > 1 && !isTable
    }
}
