internal import Layers
private import Runtime
internal import SAM
internal import Tensors

/// What gets adapters of low rank, as `lora-targets` names it: `q`, `mlp=8`, `decoder=4:8`.
struct AdapterTarget: Sendable, Hashable {
    /// Which linear layers are meant.
    enum Choice: Sendable, Hashable {
        /// Queries, keys or values of the image encoder's attention.
        case part(AdapterSite.Part)
        /// The projection behind the image encoder's attention.
        case out
        /// Both layers of the perceptrons of the image encoder's blocks.
        case mlp
        /// All linear layers of the mask decoder: attentions, perceptrons, hypernetworks, heads.
        case decoder
        /// Weights whose names match a pattern.
        case pattern(String)
    }

    /// As it was written, without its rank.
    let name: String
    let choice: Choice
    /// Rank and alpha of its own, where given.
    let rank: Int?
    let alpha: Double?

    /// - Throws: `TrainingError.configuration` for a rank or alpha that is none, or a word that is no target.
    init(_ text: String) throws(TrainingError) {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        name = halves[0]
        if halves.count == 2 {
            let numbers = halves[1].split(separator: ":", omittingEmptySubsequences: false)
            let alpha = numbers.count == 2 ? Double(numbers[1]) : nil
            guard numbers.count <= 2, let rank = Int(numbers[0]), (1...4096).contains(rank),
                numbers.count == 1 || alpha.map({ $0.isFinite && $0 > 0 }) ?? false
            else {
                throw TrainingError(
                    .configuration,
                    "lora-targets: '\(text)' must end in =RANK or =RANK:ALPHA, a rank from 1 to 4096 and an alpha above 0"
                )
            }
            self.rank = rank
            self.alpha = alpha
        } else {
            rank = nil
            alpha = nil
        }
        if let part = AdapterSite.Part(rawValue: name) {
            choice = .part(part)
        } else if name == "out" {
            choice = .out
        } else if name == "mlp" {
            choice = .mlp
        } else if name == "decoder" {
            choice = .decoder
        } else if name.contains(where: { ".*?[_".contains($0) }) {
            choice = .pattern(name)
        } else {
            let names = ["q", "k", "v", "out", "mlp", "decoder"]
            throw TrainingError(
                .configuration,
                "lora-targets: '\(name)' is none of \(names.joined(separator: ", ")), nor a pattern of parameter names."
                    + NameSuggestion.sentence(for: name, among: names))
        }
    }

    /// The places of a model that are meant, in the model's order.
    ///
    /// - Throws: `TrainingError.parameters` when there are none.
    func sites(in model: SAMModel) throws(TrainingError) -> [AdapterSite] {
        let weights = model.matrices.filter(\.isTrainable).map(\.name)
        func encoder(_ words: String) -> [AdapterSite] {
            weights.filter { $0.hasPrefix("image_encoder.") && $0.contains(words) }.map { AdapterSite(weight: $0) }
        }
        let found =
            switch choice {
            case .part(let part): weights.filter(AdapterSite.isJoint).map { AdapterSite(weight: $0, part: part) }
            case .out: encoder(".attn.proj.")
            case .mlp: encoder(".mlp.")
            case .decoder: weights.filter { $0.hasPrefix("mask_decoder.") }.map { AdapterSite(weight: $0) }
            case .pattern(let pattern):
                weights.filter { ParameterSelection.matches($0, pattern) }.map { AdapterSite(weight: $0) }
            }
        if !found.isEmpty { return found }
        let other = model.parameters.first { ParameterSelection.matches($0.name, name) }?.name
        throw TrainingError(
            .parameters,
            "lora-targets: '\(name)' selects no weight of a linear layer of the model, a \(model.configuration.modelName)"
                + (other.map { "; \($0) is none" } ?? "; `samdata inspect` of a checkpoint lists all names"))
    }
}
