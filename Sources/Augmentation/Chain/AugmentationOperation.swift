internal import Runtime

/// What a step does. A value of parameters; every number it draws comes from the generator that it is given.
protocol AugmentationOperation: Sendable {
    /// Name, parameters and defaults.
    static var specification: StepSpecification { get }
    /// Whether other samples are taken.
    var needsPartners: Bool { get }

    /// - Parameter parameters: checked one by one.
    /// - Throws: `AugmentationError.value` when they do not go together.
    init(_ parameters: StepParameters) throws(AugmentationError)

    /// What it does to the frame, and holds meanwhile, at most.
    func plan(_ footprint: inout AugmentationFootprint)

    /// Draws, and changes the sample.
    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws
}

extension AugmentationOperation {
    var needsPartners: Bool { false }

    /// Of most steps the frame keeps its size, or becomes smaller.
    func plan(_ footprint: inout AugmentationFootprint) {
        switch Self.specification.group {
        case .pixels: footprint.changeImage()
        case .geometry: footprint.resample()
        case .mixing, .composition: break
        }
    }
}
