internal import Annotations

/// Ids by the order of their first appearance.
struct IdentifierTable {
    private(set) var ids: [COCOIdentifier] = []
    /// The number of each id that is a small integer, -1 for those not seen; most ids are.
    private var small: [Int32] = []
    /// The numbers of all others.
    private var numbers: [COCOIdentifier: Int32] = [:]

    /// Integers from here on are looked up by their hash: as many numbers take four megabytes.
    private static let smallEnd: Int64 = 1 << 20

    /// The number of an id, a new one for an id not seen before.
    mutating func number(of id: COCOIdentifier) -> Int32 {
        guard let value = id.int64, (0..<Self.smallEnd).contains(value) else {
            if let known = numbers[id] { return known }
            numbers[id] = Int32(ids.count)
            return append(id)
        }
        let place = Int(value)
        if place >= small.count {
            small += repeatElement(-1, count: max(place + 1, min(2 * small.count, Int(Self.smallEnd))) - small.count)
        }
        if small[place] >= 0 { return small[place] }
        small[place] = Int32(ids.count)
        return append(id)
    }

    private mutating func append(_ id: COCOIdentifier) -> Int32 {
        ids.append(id)
        return Int32(ids.count - 1)
    }
}
