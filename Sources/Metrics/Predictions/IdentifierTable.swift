internal import Annotations

/// Ids by the order of their first appearance.
struct IdentifierTable {
    private(set) var ids: [COCOIdentifier] = []
    private var numbers: [COCOIdentifier: Int32] = [:]
    /// Files go image by image, so that the same id is asked for again and again.
    private var last: (id: COCOIdentifier, number: Int32)?

    /// The number of an id, a new one for an id not seen before.
    mutating func number(of id: COCOIdentifier) -> Int32 {
        if let last, last.id == id { return last.number }
        let number: Int32
        if let known = numbers[id] {
            number = known
        } else {
            number = Int32(ids.count)
            numbers[id] = number
            ids.append(id)
        }
        last = (id, number)
        return number
    }
}
