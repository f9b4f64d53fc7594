/// Which prompts a model was made for.
package struct PromptLimits: Sendable, Hashable {
    /// Whether points may mark background.
    package let takesBackgroundPoints: Bool
    /// Whether an earlier mask may be given.
    package let takesMasks: Bool
    /// Largest number of points, a box counting as two; nil for any number.
    package let maximumPlaces: Int?
}

extension SAMConfiguration {
    /// Which prompts the model was made for.
    package var promptLimits: PromptLimits {
        switch family {
        case .sam, .samHQ: PromptLimits(takesBackgroundPoints: true, takesMasks: true, maximumPlaces: nil)
        case .efficientSAM:
            PromptLimits(
                takesBackgroundPoints: false, takesMasks: false, maximumPlaces: EfficientSAMPrompts.placeCount)
        }
    }
}

extension SAMConfiguration {
    /// Whether several masks are to be asked for, of which the one with the best predicted IoU is the answer: where a prompt
    /// may mean several things, and with EfficientSAM always, whose single mask its own program never gives out.
    package func wantsSeveralMasks(for prompt: Prompt) -> Bool { family == .efficientSAM || prompt.isAmbiguous }
}

extension SAMModel {
    /// Demands a prompt of kinds that the model knows.
    ///
    /// - Throws: `SAMError.prompt` that says which kind it does not know.
    package func check(_ prompt: Prompt) throws(SAMError) {
        let limits = configuration.promptLimits
        let name = configuration.modelName
        if !limits.takesBackgroundPoints && prompt.points.contains(where: { !$0.isForeground }) {
            throw SAMError(
                .prompt, "\(name) was never trained with background points; give points of the object or a box instead")
        }
        if !limits.takesMasks && prompt.mask != nil {
            throw SAMError(.prompt, "\(name) takes no mask prompts; give points or a box instead")
        }
        let places = prompt.points.count + (prompt.box == nil ? 0 : 2)
        if let maximum = limits.maximumPlaces, places > maximum {
            throw SAMError(
                .prompt, "\(name) takes \(maximum) points at most, a box counting as two; the prompt has \(places)")
        }
    }
}
