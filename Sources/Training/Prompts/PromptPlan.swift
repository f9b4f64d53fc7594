private import Runtime
package import SAM

/// The rounds in which the objects of an image are asked for, after the first prompts.
///
/// Sources: Kirillov et al., "Segment Anything", 2023, appendix A (`interactive`); Archit et al., "Segment Anything for
/// Microscopy", 2025, and its training code (`micro-sam`).
package struct PromptPlan: Sendable, Hashable {
    /// What a round adds to what was asked before.
    package struct Round: Sendable, Hashable {
        /// Whether each object gets clicks where its last mask is wrong.
        package var addsClicks: Bool
        /// Whether the last mask, as logits, is a prompt of its own.
        package var feedsMask: Bool

        package init(addsClicks: Bool, feedsMask: Bool) {
            self.addsClicks = addsClicks
            self.feedsMask = feedsMask
        }
    }

    package let promptProtocol: PromptProtocol
    /// Rounds in all, the first included.
    package let roundCount: Int
    /// How often `micro-sam` feeds masks back; 0 with other protocols, which leave nothing to chance.
    package var maskProbability: Double
    /// What the model can be asked with.
    package let limits: PromptLimits

    /// Asks once.
    package static func single(_ model: SAMConfiguration) -> PromptPlan {
        PromptPlan(promptProtocol: .single, roundCount: 1, maskProbability: 0, limits: model.promptLimits)
    }

    private init(promptProtocol: PromptProtocol, roundCount: Int, maskProbability: Double, limits: PromptLimits) {
        self.promptProtocol = promptProtocol
        self.roundCount = roundCount
        self.maskProbability = maskProbability
        self.limits = limits
    }

    /// - Throws: `TrainingError.configuration` where the protocol cannot have so many rounds: `single` has one, and a model
    ///   that takes few points and no masks has nothing new to be asked after them.
    package init(_ configuration: TrainingConfiguration, model: SAMConfiguration) throws(TrainingError) {
        let chosen = configuration.resolvedPrompts
        let limits = model.promptLimits
        var rounds =
            switch chosen {
            case .single: 1
            case .interactive: 11
            case .microSAM: 8
            }
        if let maximum = limits.maximumPlaces, !limits.takesMasks, chosen != .single {
            // A box counts as two places; each later round adds one.
            rounds = min(rounds, maximum - 1)
        }
        if let wanted = configuration.promptRounds, wanted != rounds {
            if chosen == .single {
                throw TrainingError(
                    .configuration,
                    "prompt-rounds is \(wanted), but the protocol single asks once; prompts: interactive or micro-sam asks "
                        + "again")
            }
            if let maximum = limits.maximumPlaces, wanted > rounds {
                throw TrainingError(
                    .configuration,
                    "prompt-rounds is \(wanted), but \(model.modelName) takes \(maximum) points at most, a box counting as "
                        + "two, and no masks; \(rounds) rounds are possible")
            }
            rounds = wanted
        }
        self.init(
            promptProtocol: chosen, roundCount: rounds,
            maskProbability: chosen == .microSAM ? configuration.maskProbability : 0, limits: limits)
    }

    /// The rounds of one image.
    ///
    /// `interactive`: every round after the first feeds the mask back; two of them bring no click, one at a random place and
    /// the last. `micro-sam`: every round after the first brings clicks, some feed the mask back.
    ///
    /// - Parameter stream: of ``TrainingExample/stream``.
    package func rounds(stream: UInt64) -> [Round] {
        var random = CounterRandom(seed: stream, purpose: RandomPurpose("rounds"))
        var rounds = [Round](repeating: Round(addsClicks: true, feedsMask: limits.takesMasks), count: roundCount)
        rounds[0] = Round(addsClicks: false, feedsMask: false)
        switch promptProtocol {
        case .single: break
        case .interactive:
            // Without masks to feed back such a round would ask the same once more.
            guard limits.takesMasks else { break }
            if roundCount > 3 { rounds[1 + random.index(below: roundCount - 2)].addsClicks = false }
            if roundCount > 2 { rounds[roundCount - 1].addsClicks = false }
        case .microSAM:
            for index in rounds.indices.dropFirst() {
                rounds[index].feedsMask = limits.takesMasks && random.uniform() < maskProbability
            }
        }
        return rounds
    }

    /// Whether the first round asks for several masks, of which the best is learnt from. The paper's protocol does so for a
    /// box as for a point: either is a single prompt.
    func firstRoundWantsSeveral(_ prompt: Prompt, model: SAMConfiguration) -> Bool {
        promptProtocol == .interactive || model.wantsSeveralMasks(for: prompt)
    }
}
