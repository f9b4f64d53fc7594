internal import Annotations
private import JSONText

/// LVIS's lists of an image: categories that were looked for and are not there, and those of which not every object is
/// labelled. Nobody has looked for the others.
struct FederatedLists {
    private static let absentKey = "neg_category_ids"
    private static let partialKey = "not_exhaustive_category_ids"

    /// The members of an image whose lists name the categories that theirs became.
    ///
    /// What became of several categories is absent where each of them was looked for and is absent, and fully labelled where
    /// each was looked for and is fully labelled.
    ///
    /// - Parameters:
    ///   - members: of the image; without LVIS's lists they stay as they are.
    ///   - present: the categories of the image's objects, before they are mapped.
    ///   - sources: for each new category those that became it.
    ///   - order: the new categories in their order.
    static func mapped(
        _ members: [RawMember], present: Set<COCOIdentifier>, sources: [COCOIdentifier: [COCOIdentifier]],
        order: [COCOIdentifier]
    ) -> [RawMember] {
        let absent = ids(members, absentKey)
        let partial = ids(members, partialKey)
        guard absent != nil || partial != nil else { return members }
        let isAbsent = Set(absent ?? [])
        let isPartial = Set(partial ?? [])
        func isComplete(_ id: COCOIdentifier) -> Bool {
            isAbsent.contains(id) || (present.contains(id) && !isPartial.contains(id))
        }
        var lists: [String: [COCOIdentifier]] = [absentKey: [], partialKey: []]
        for id in order {
            let old = sources[id] ?? []
            if !old.isEmpty, old.allSatisfy(isAbsent.contains) {
                lists[absentKey]?.append(id)
            } else if old.contains(where: isPartial.contains)
                || (old.contains(where: present.contains) && !old.allSatisfy(isComplete))
            {
                lists[partialKey]?.append(id)
            }
        }
        let mapped = members.map { member in
            guard let list = lists[member.name], ids(members, member.name) != nil else { return member }
            return RawMember(member.name, .array(list.map(\.json)))
        }
        // A list that was not there may have got something to say.
        return mapped
            + [absentKey, partialKey].compactMap { key in
                guard let list = lists[key], !list.isEmpty, members[key] == nil else { return nil }
                return RawMember(key, .array(list.map(\.json)))
            }
    }

    private static func ids(_ members: [RawMember], _ key: String) -> [COCOIdentifier]? {
        guard let values = (try? members[key]?.parsed())?.array else { return nil }
        return values.compactMap { value in
            switch value {
            case .integer(let number): .integer(number)
            case .number(let number): Int64(exactly: number).map { .integer($0) }
            case .string(let text): .text(text)
            default: nil
            }
        }
    }
}

extension COCOIdentifier {
    fileprivate var json: JSONValue {
        switch self {
        case .integer(let value): .integer(value)
        case .number(let text), .text(let text): .string(text)
        }
    }
}
