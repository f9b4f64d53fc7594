internal import Layers
package import SAM
package import Tensors

/// What a run trains, and from when on: parameters of the model, and adapters beside those that are not.
///
/// What is trained from the start is what `preset` or `train-only` names (of a run with adapters nothing else where neither
/// is given, of others everything), without what `freeze` names and without the layers that have an adapter, weight and
/// bias. `freeze` is about the model's own parameters: adapters in a frozen part are trained. What `unfreeze` names joins
/// at the end of its epoch.
package struct TrainedParameters {
    /// All that is trained at any time, in the model's order, an adapter's matrices in place of their weight.
    package let all: [Parameter]
    /// The adapters, attached to the model; empty for none.
    package let updates: [AdapterUpdate]
    /// What was asked to get adapters, each with its rank.
    package let targets: [String]
    /// The model's own parameters that can be trained at all.
    private let candidates: [Parameter]
    /// Epochs that are done when a parameter joins, by its name; 0 for those from the start.
    private let joins: [String: Int]
    /// The epochs at whose end parameters join, rising.
    package let joinEpochs: [Int]

    /// Chooses, attaches adapters, and sets which parameters are trainable at the start.
    ///
    /// - Parameters:
    ///   - model: buffers of it, which are not trainable, stay so.
    ///   - configuration: of the run.
    /// - Throws: `TrainingError.configuration` for a preset, target or rule that is none, or a preset beside `train-only`;
    ///   `.parameters` for a name that selects nothing, a rank larger than its matrix, or when nothing is left to train.
    package init(_ model: SAMModel, configuration: TrainingConfiguration) throws(TrainingError) {
        let parameters = model.parameters
        let candidates = parameters.filter(\.isTrainable)
        let settings = try AdapterSettings(configuration)
        let updates = try settings.updates(for: model)
        let adapted = Set(updates.map(\.site.weight))
        let layers = Set(adapted.flatMap { [$0, String($0.dropLast("weight".count)) + "bias"] })
        let blocks = EncoderBlocks(parameters.map(\.name))

        let selection = ParameterSelection(trainOnly: configuration.trainOnly, freeze: configuration.freeze)
        let preset = try TrainingPreset.named(configuration.preset)
        if preset != nil && !configuration.trainOnly.isEmpty {
            throw TrainingError(
                .configuration, "preset and train-only both say what is trained; leave one of them out")
        }
        try selection.check(against: candidates)
        var joins: [String: Int] = [:]
        for parameter in candidates where !layers.contains(parameter.name) {
            let isChosen =
                if let preset { try preset.selects(parameter.name, in: blocks) } else {
                    configuration.trainOnly.isEmpty ? updates.isEmpty : selection.isTrainOnly(parameter.name)
                }
            if isChosen && !selection.isFrozen(parameter.name) { joins[parameter.name] = 0 }
        }
        if joins.isEmpty && updates.isEmpty {
            throw TrainingError(
                .parameters,
                "\(configuration.preset.map { "preset \($0)" } ?? "train-only") and freeze together leave no parameter to train"
            )
        }
        var rules: [UnfreezeRule] = []
        for text in configuration.unfreeze { rules.append(try UnfreezeRule(text)) }
        for rule in rules.sorted(by: { $0.epoch < $1.epoch }) {
            let names = candidates.map(\.name).filter { joins[$0] == nil && !layers.contains($0) }
            var count = 0
            for name in names where !selection.isFrozen(name) {
                let isMeant =
                    if let preset = TrainingPreset(name: rule.pattern) { try preset.selects(name, in: blocks) } else {
                        ParameterSelection.matches(name, rule.pattern)
                    }
                guard isMeant else { continue }
                joins[name] = rule.epoch
                count += 1
            }
            if count == 0 {
                throw TrainingError(
                    .parameters,
                    "unfreeze: '\(rule.epoch):\(rule.pattern)' selects no parameter that is not trained by then, frozen by "
                        + "freeze, or beside an adapter")
            }
        }
        let byWeight = Dictionary(grouping: updates, by: \.site.weight)
        all = parameters.flatMap { parameter -> [Parameter] in
            if let own = byWeight[parameter.name] { return own.flatMap(\.parameters) }
            return joins[parameter.name] == nil ? [] : [parameter]
        }
        targets = settings.names
        self.candidates = candidates
        self.updates = updates
        self.joins = joins
        joinEpochs = Set(joins.values).subtracting([0]).sorted()
        model.attach(updates)
        begin(epoch: 0)
    }

    /// The model's own parameters that are trained at any time, in its order.
    package var replaced: [Parameter] { candidates.filter { joins[$0.name] != nil } }

    // MARK: Through the epochs

    /// Makes trainable what is trained in an epoch, and nothing else; operations record accordingly.
    ///
    /// - Parameter epoch: epochs that are done.
    package func begin(epoch: Int) {
        for parameter in candidates { parameter.isTrainable = joins[parameter.name].map { $0 <= epoch } ?? false }
    }

    /// Epochs that are done when a parameter joins: 0 for those from the start, adapters among them; nil for what is never
    /// trained.
    package func joinEpoch(_ name: String) -> Int? {
        joins[name] ?? (updates.contains { $0.site.nameOfA == name || $0.site.nameOfB == name } ? 0 : nil)
    }

    /// Factor of the learning rate of parameters that joined: 1 for those from the start; rising over the warm-up for others,
    /// as the run's own warm-up does.
    ///
    /// - Parameters:
    ///   - name: of the parameter.
    ///   - step: optimiser steps that are done.
    ///   - stepsPerEpoch: optimiser steps of an epoch.
    ///   - warmupSteps: length of the warm-up.
    package func rateScale(_ name: String, atStep step: Int, stepsPerEpoch: Int, warmupSteps: Int) -> Double {
        guard let epoch = joinEpoch(name), epoch > 0 else { return 1 }
        let since = step - epoch * stepsPerEpoch
        if since < 0 { return 0 }
        return since < warmupSteps ? Double(since + 1) / Double(warmupSteps) : 1
    }
}
