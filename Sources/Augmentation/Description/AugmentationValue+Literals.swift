extension AugmentationValue: ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(integerLiteral value: Int) { self = .number(Double(value)) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(arrayLiteral elements: AugmentationValue...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, AugmentationValue)...) {
        self = .object(elements.map { AugmentationMember($0.0, $0.1) })
    }
    package init(nilLiteral: ()) { self = .null }
}
