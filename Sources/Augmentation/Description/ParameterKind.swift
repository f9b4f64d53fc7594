/// What a step's parameter may be.
package enum ParameterKind: Sendable, Hashable {
    /// What one number stands for where two are wanted, [low, high].
    package enum Single: Sendable, Hashable {
        /// v stands for [v, v].
        case fixed
        /// v stands for [-v, v].
        case symmetric
        /// v stands for [max(0, 1 - v), 1 + v].
        case aroundOne
        /// v stands for [low, v].
        case from(Double)

        func bounds(_ value: Double) -> (low: Double, high: Double) {
            switch self {
            case .fixed: (value, value)
            case .symmetric: (-abs(value), abs(value))
            case .aroundOne: (max(0, 1 - value), 1 + value)
            case .from(let low): (min(low, value), value)
            }
        }

        /// The numbers that stand for two within a range.
        func range(within whole: ClosedRange<Double>) -> ClosedRange<Double> {
            let (low, high) = (whole.lowerBound, whole.upperBound)
            switch self {
            case .fixed: return whole
            case .symmetric:
                let most = max(0, min(-low, high))
                return -most...most
            case .aroundOne:
                let most = low > 0 ? min(high - 1, 1 - low) : high - 1
                return min(max(1 - high, low - 1), most)...most
            case .from: return whole
            }
        }

        var phrase: String {
            switch self {
            case .fixed: "one number v stands for [v, v]"
            case .symmetric: "one number v stands for [-v, v]"
            case .aroundOne: "one number v stands for [max(0, 1 - v), 1 + v]"
            case .from(let low): "one number v stands for [\(AugmentationValue.number(low).json), v]"
            }
        }
    }

    case number(ClosedRange<Double>)
    case integer(ClosedRange<Int>)
    case flag
    /// One of some words, or the number that OpenCV has for one.
    case choice([String], codes: [Int: String] = [:])
    /// Two numbers that are drawn between, or one that stands for two.
    case interval(ClosedRange<Double>, Single)
    /// Two whole numbers that are drawn between, both possible, or one that stands for two.
    case wholeInterval(ClosedRange<Int>, Single)
    /// An interval for both axes, or `{x: …, y: …}`.
    case axes(ClosedRange<Double>, Single)
    /// Two whole numbers, height and width unless the parameter says otherwise.
    case pair(ClosedRange<Int>)
    /// Height and width, whole numbers, of which one may be null.
    case sides(ClosedRange<Int>)
    /// One whole number or a list of them, of which one is drawn.
    case integers(ClosedRange<Int>)
    /// One number 0...255 for all channels, or three.
    case colour
    /// A list of steps.
    case steps
    /// One of some values that say what happens anyway.
    case only([AugmentationValue])

    /// What is wanted, for messages and documentation.
    package var phrase: String {
        func text(_ range: ClosedRange<Double>) -> String {
            let (low, high) = (range.lowerBound, range.upperBound)
            switch (low.isFinite, high.isFinite) {
            case (true, true):
                return " of \(AugmentationValue.number(low).json)...\(AugmentationValue.number(high).json)"
            case (true, false): return " of at least \(AugmentationValue.number(low).json)"
            case (false, true): return " of at most \(AugmentationValue.number(high).json)"
            default: return ""
            }
        }
        return switch self {
        case .number(let range): "a number" + text(range)
        case .integer(let range): "a whole number of \(range.lowerBound)...\(range.upperBound)"
        case .flag: "true or false"
        case .choice(let words, let codes):
            (words.count == 1 ? words[0] : "one of " + words.joined(separator: ", "))
                + (codes.isEmpty
                    ? "" : ", or OpenCV's number " + codes.keys.sorted().map(String.init).joined(separator: ", "))
        case .interval(let range, let single): "[low, high]\(text(range)); \(single.phrase)"
        case .wholeInterval(let range, let single):
            "[low, high], whole numbers of \(range.lowerBound)...\(range.upperBound); \(single.phrase)"
        case .axes(let range, let single): "[low, high]\(text(range)), or {x: …, y: …} of such; \(single.phrase)"
        case .pair(let range): "two whole numbers of \(range.lowerBound)...\(range.upperBound)"
        case .sides(let range):
            "[height, width], whole numbers of \(range.lowerBound)...\(range.upperBound), one of which may be null"
        case .integers(let range):
            "a whole number of \(range.lowerBound)...\(range.upperBound), or a list of which one is drawn"
        case .colour: "a number of 0...255, or three (red, green, blue)"
        case .steps: "a list of steps"
        case .only(let values):
            values.isEmpty ? "nothing: null" : "no other than " + values.map(\.json).joined(separator: " or ")
        }
    }
}
