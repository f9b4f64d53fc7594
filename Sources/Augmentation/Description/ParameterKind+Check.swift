extension ParameterKind {
    /// - Throws: `AugmentationError.value` when the value is not of this kind, or out of its range.
    func check(_ value: AugmentationValue, of name: String) throws(AugmentationError) {
        guard accepts(value) else {
            let seen = value.json
            throw AugmentationError(
                .value, "\(name) is \(seen.count > 80 ? seen.prefix(80) + "…" : seen), wanted: \(phrase)")
        }
    }

    private func accepts(_ value: AugmentationValue) -> Bool {
        switch self {
        case .number(let range): Self.number(value).map(range.contains) ?? false
        case .integer(let range): Self.isWhole(value, in: range)
        case .flag: if case .bool = value { true } else { false }
        case .choice(let words, let codes):
            switch value {
            case .text(let word): words.contains(word)
            case .number(let number): Int(exactly: number).map { codes[$0] != nil } ?? false
            default: false
            }
        case .interval(let range, let single): Self.isInterval(value, in: range, single)
        case .wholeInterval(let range, let single):
            Self.isInterval(value, in: Double(range.lowerBound)...Double(range.upperBound), single)
                && Self.numbers(value).allSatisfy { $0 == $0.rounded() }
        case .axes(let range, let single):
            if case .object(let members) = value {
                !members.isEmpty && Set(members.map(\.name)).count == members.count
                    && members.allSatisfy {
                        ["x", "y"].contains($0.name) && Self.isInterval($0.value, in: range, single)
                    }
            } else {
                Self.isInterval(value, in: range, single)
            }
        case .pair(let range): Self.isWholeList(value, in: range, count: 2)
        case .sides(let range):
            if case .list(let items) = value {
                items.count == 2 && items != [.null, .null]
                    && items.allSatisfy { $0 == .null || Self.isWhole($0, in: range) }
            } else {
                false
            }
        case .integers(let range):
            Self.isWhole(value, in: range) || (!Self.numbers(value).isEmpty && Self.isWholeList(value, in: range))
        case .colour:
            Self.number(value).map((0...255).contains) ?? false || Self.isWholeList(value, in: 0...255, count: 3)
        case .only(let values): values.contains(value)
        case .steps: if case .list(let items) = value { !items.isEmpty } else { false }
        }
    }

    /// A value that was checked, in its one form: a word where a number may stand for it.
    func plain(_ value: AugmentationValue) -> AugmentationValue {
        guard case .choice(_, let codes) = self, case .number(let number) = value,
            let word = Int(exactly: number).flatMap({ codes[$0] })
        else { return value }
        return .text(word)
    }

    private static func number(_ value: AugmentationValue) -> Double? {
        if case .number(let number) = value, number.isFinite { number } else { nil }
    }

    private static func numbers(_ value: AugmentationValue) -> [Double] {
        switch value {
        case .number(let number): [number]
        case .list(let items): items.compactMap(number)
        default: []
        }
    }

    private static func isWhole(_ value: AugmentationValue, in range: ClosedRange<Int>) -> Bool {
        guard let number = number(value), number == number.rounded(), abs(number) < 1e15 else { return false }
        return range.contains(Int(number))
    }

    private static func isWholeList(_ value: AugmentationValue, in range: ClosedRange<Int>, count: Int? = nil) -> Bool {
        guard case .list(let items) = value, count == nil || items.count == count else { return false }
        return items.allSatisfy { isWhole($0, in: range) }
    }

    private static func isInterval(_ value: AugmentationValue, in range: ClosedRange<Double>, _ single: Single) -> Bool
    {
        switch value {
        case .number:
            guard let number = number(value) else { return false }
            let bounds = single.bounds(number)
            return range.contains(bounds.low) && range.contains(bounds.high)
        case .list(let items):
            let numbers = items.compactMap(number)
            return items.count == 2 && numbers.count == 2 && numbers[0] <= numbers[1]
                && numbers.allSatisfy(range.contains)
        default: return false
        }
    }
}
