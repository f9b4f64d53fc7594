internal import Annotations

/// The ids of a list in the order of the file, with the place of each: about 30 bytes an element.
struct IdentifierIndex {
    private var byInteger: [Int64: UInt32] = [:]
    private var byOther: [COCOIdentifier: UInt32] = [:]
    private var integers: [Int64] = []
    private var others: [UInt32: COCOIdentifier] = [:]
    private var offsets: [Int] = []

    var count: Int { integers.count }

    /// Adds an element.
    ///
    /// - Parameter offset: of its first byte in the file.
    /// - Returns: the element's number, and the number of an earlier one with the same id.
    mutating func add(_ id: COCOIdentifier, offset: Int) -> (index: Int, earlier: Int?) {
        let index = UInt32(integers.count)
        let integer = id.int64
        integers.append(integer ?? 0)
        offsets.append(offset)
        let earlier: UInt32?
        if let integer {
            // `3.0` is the same id as 3, but a message shows what is written.
            if case .integer = id {} else { others[index] = id }
            earlier = byInteger[integer]
            if earlier == nil { byInteger[integer] = index }
        } else {
            others[index] = id
            earlier = byOther[id]
            if earlier == nil { byOther[id] = index }
        }
        return (Int(index), earlier.map(Int.init))
    }

    /// The number of the first element with this id.
    func index(of id: COCOIdentifier) -> Int? {
        (id.int64.map { byInteger[$0] } ?? byOther[id]).map(Int.init)
    }

    func id(at index: Int) -> COCOIdentifier { others[UInt32(index)] ?? .integer(integers[index]) }

    func offset(at index: Int) -> Int { offsets[index] }
}
