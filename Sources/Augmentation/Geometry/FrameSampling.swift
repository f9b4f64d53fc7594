internal import Images

/// How a move makes pixels between pixels, and outside of the frame.
struct FrameSampling: Sendable, Hashable {
    /// What a step asks for.
    enum Choice: Sendable, Hashable {
        /// The step moves pixels as they are: whatever the steps beside it ask for.
        case any
        /// As Pillow along the axes, and any other way two pixels along each axis, after a filter where it shrinks.
        case filtered
        case explicit(Interpolation)
    }

    var choice = Choice.any
    var border = BorderMode.constant

    /// For steps that only crop, turn and pad.
    static let none = FrameSampling()
    /// What steps do that are not told otherwise.
    static let usual = FrameSampling(choice: .filtered)

    /// What two steps ask for in one; nil where that is not one thing.
    static func merged(_ a: Choice, _ b: Choice) -> Choice? {
        if a == .any { return b }
        return b == .any || a == b ? a : nil
    }
}

extension FrameSampling {
    private static let usualWord = "auto"

    // In the order of OpenCV's numbers, INTER_NEAREST and BORDER_CONSTANT being 0.
    private static let interpolations: [Interpolation] = [.nearest, .linear, .cubic, .area, .lanczos]
    private static let borderModes: [BorderMode] = [.constant, .replicate, .reflect, .wrap, .reflect101]

    private static func codes<Mode: RawRepresentable<String>>(of modes: [Mode]) -> [Int: String] {
        Dictionary(uniqueKeysWithValues: modes.enumerated().map { ($0, $1.rawValue) })
    }

    /// `interpolation` of a step.
    static let interpolation = ParameterSpecification(
        "interpolation",
        .choice([usualWord] + Interpolation.allCases.map(\.rawValue), codes: codes(of: interpolations)),
        .text(usualWord),
        "How pixels between pixels are made; auto filters where it shrinks. Masks are never blended.")

    /// `border_mode` of a step.
    static let borderMode = ParameterSpecification(
        "border_mode", .choice(BorderMode.allCases.map(\.rawValue), codes: codes(of: borderModes)), "constant",
        "What lies outside of the image, as OpenCV has it; masks follow.")

    /// What a step's parameters say, of the two those that it has.
    init(_ parameters: StepParameters) {
        let names = Set(parameters.specification.parameters.map(\.name))
        if names.contains("interpolation") {
            choice = Interpolation(rawValue: parameters.word("interpolation")).map { .explicit($0) } ?? .filtered
        }
        if names.contains("border_mode") {
            border = BorderMode(rawValue: parameters.word("border_mode")) ?? .constant
        }
    }
}
