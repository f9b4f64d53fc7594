/// Where a format has places for members that COCO's elements have beyond their own: scores, attributes, key points,
/// licences, LVIS's frequencies.
package struct MemberPlaces: Sendable, Hashable {
    /// Which members of an element have a place.
    package enum Coverage: Sendable, Hashable {
        case none
        case named(Set<String>)
        case all

        func covers(_ name: String) -> Bool {
            switch self {
            case .none: false
            case .named(let names): names.contains(name)
            case .all: true
            }
        }
    }

    package var images = Coverage.none
    package var objects = Coverage.none
    package var categories = Coverage.none
    /// `info`, `licenses`, and whatever else stands above the lists.
    package var sections = Coverage.none

    package init(
        images: Coverage = .none, objects: Coverage = .none, categories: Coverage = .none, sections: Coverage = .none
    ) {
        self.images = images
        self.objects = objects
        self.categories = categories
        self.sections = sections
    }

    /// Everything has a place.
    package static let all = MemberPlaces(images: .all, objects: .all, categories: .all, sections: .all)

    /// Whose members they are.
    package enum Owner: Sendable {
        case image
        case object
        case category
        case set

        /// Names that say nothing which would be missed: what samdata itself notes of where an element comes from, and COCO's
        /// own keys with values that could not be understood, which has been reported.
        fileprivate var unmissed: Set<String> {
            switch self {
            case .image: ["source_id", "task_id", "cvat_id", "id", "file_name", "width", "height"]
            case .object:
                ["source_id", "sa_id", "id", "image_id", "category_id", "segmentation", "area", "bbox", "iscrowd"]
            case .category: ["source_id", "id", "name", "supercategory"]
            case .set: []
            }
        }
    }

    /// The names of members that have no place, and say something.
    package func lost(of members: [RawMember], _ owner: Owner) -> [String] {
        let coverage =
            switch owner {
            case .image: images
            case .object: objects
            case .category: categories
            case .set: sections
            }
        if members.isEmpty || coverage == .all { return [] }
        let unmissed = owner.unmissed
        return members.lazy.filter { member in
            !coverage.covers(member.name) && !unmissed.contains(member.name) && !member.isVacant
        }.map(\.name)
    }
}

extension RawMember {
    /// Whether the value says nothing: null, an empty text, list or object.
    package var isVacant: Bool {
        let text = value.filter { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        return ["null", "\"\"", "[]", "{}"].contains { text.elementsEqual($0.utf8) }
    }
}
