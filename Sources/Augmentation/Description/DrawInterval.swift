internal import Runtime

/// What a number is drawn from: low...high, evenly.
struct DrawInterval: Sendable, Hashable {
    let low: Double
    let high: Double

    init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }

    /// - Parameters:
    ///   - value: checked: one number, or two in ascending order.
    ///   - single: what one number stands for.
    init(_ value: AugmentationValue, _ single: ParameterKind.Single) {
        switch value {
        case .number(let number):
            let bounds = single.bounds(number)
            self.init(low: bounds.low, high: bounds.high)
        case .list(let items):
            let numbers = items.map { if case .number(let number) = $0 { number } else { 0.0 } }
            self.init(low: numbers[0], high: numbers[1])
        default: preconditionFailure("an interval of \(value.json)")
        }
    }

    /// Always one draw, whatever the width, so that a range set to nothing leaves the draws after it as they were.
    func draw(_ random: inout CounterRandom) -> Double {
        let part = random.uniform()
        return low + part * (high - low)
    }

    /// A whole number from low to high, both possible; always one draw.
    func drawWhole(_ random: inout CounterRandom) -> Int {
        let part = random.uniform()
        return Int(low) + Int(part * (high - low + 1))
    }
}
