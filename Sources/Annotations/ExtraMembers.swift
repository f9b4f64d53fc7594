/// The members of an object that are kept as text, found by name without searching a long list again and again.
struct ExtraMembers {
    private(set) var members: [RawMember] = []
    /// Index by the bytes of the name, once there are many.
    private var indexes: [[UInt8]: Int] = [:]
    private static let searchable = 16

    /// Adds a member. One of the same name is replaced, and the answer is false.
    mutating func add(_ member: RawMember) -> Bool {
        if let index = index(of: member.name) {
            members[index] = member
            return false
        }
        members.append(member)
        if members.count == Self.searchable {
            indexes = Dictionary(uniqueKeysWithValues: members.indices.map { (Array(members[$0].name.utf8), $0) })
        } else if members.count > Self.searchable {
            indexes[Array(member.name.utf8)] = members.count - 1
        }
        return true
    }

    /// Compared by bytes: `String` takes two spellings of one accented letter for equal.
    private func index(of name: String) -> Int? {
        members.count < Self.searchable
            ? members.firstIndex { $0.name.utf8.elementsEqual(name.utf8) } : indexes[Array(name.utf8)]
    }
}
