package import Layers
package import Tensors

extension Optimizer {
    /// The optimiser of a run: weight decay on matrices and filters alone, and learning rates as the configuration has them.
    ///
    /// Left out of decay are biases and norms, whose size means something else, and tables of embeddings and positions,
    /// whose rows would fade where the data does not ask for them.
    ///
    /// - Parameters:
    ///   - parameters: those that are trained, or will be.
    ///   - rates: their factors; nil for those that follow from the parameters' own names.
    package init(
        _ parameters: [Parameter], rates: ParameterRates? = nil, configuration: TrainingConfiguration
    ) {
        let rates = rates ?? ParameterRates(configuration, model: parameters.map(\.name))
        var groups: [Group] = []
        for decays in [true, false] {
            let members = parameters.filter { Self.decays($0) == decays }
            var places: [ParameterRates.Rate: Int] = [:]
            var lists: [(rate: ParameterRates.Rate, parameters: [Parameter])] = []
            for parameter in members {
                let rate = rates.rate(of: parameter.name)
                if let place = places[rate] {
                    lists[place].parameters.append(parameter)
                } else {
                    places[rate] = lists.count
                    lists.append((rate, [parameter]))
                }
            }
            groups += lists.map { list in
                Group(
                    list.parameters, weightDecay: decays ? Float(configuration.weightDecay) : 0,
                    learningRateScale: list.rate.factor, name: list.rate.name)
            }
        }
        self.init(groups: groups, rule: OptimizerRule(configuration))
    }

    /// The factors of the learning rate, each with its name, in the order of the groups; one where all are the same.
    package var namedScales: [NamedNumber] {
        var scales: [NamedNumber] = []
        for group in groups where !scales.contains(where: { $0.name == group.name }) {
            scales.append(NamedNumber(name: group.name, number: group.learningRateScale))
        }
        return scales
    }

    private static func decays(_ parameter: Parameter) -> Bool {
        let isTable = ["pos_embed", "rel_pos", "attention_biases", "_embed.", "_embeddings.", "_token"].contains {
            parameter.name.contains($0) && !parameter.name.contains("patch_embed") && !parameter.name.contains("_attn_")
        }
        return parameter.shape.count > 1 && !isTable
    }
}

extension OptimizerRule {
    /// The rule that a configuration asks for.
    init(_ configuration: TrainingConfiguration) {
        switch configuration.optimizer {
        case .adamw: self = .adamW(beta1: configuration.beta1, beta2: configuration.beta2)
        case .adam: self = .adam(beta1: configuration.beta1, beta2: configuration.beta2)
        case .sgd: self = .descent(momentum: configuration.momentum)
        }
    }
}
