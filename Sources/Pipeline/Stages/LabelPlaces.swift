internal import Annotations
internal import Augmentation
private import JSONText

/// Places in its picture that an object states beside its mask: COCO's keypoints and SA-1B's points. Whole numbers are the
/// middles of pixels, as in SAM's prompts and for albumentations.
extension LabelledObject {
    /// The labelled ones, numbered through both members.
    var places: [AugmentedObject.Point] {
        let keypoints = annotation.extra["keypoints"].flatMap(Self.keypoints) ?? []
        let prompts = annotation.extra["point_coords"].flatMap(Self.prompts) ?? []
        let labelled = keypoints.enumerated().filter { $0.element.visibility != 0 }
        return labelled.map { AugmentedObject.Point(x: $1.x, y: $1.y, number: $0) }
            + prompts.enumerated().map {
                AugmentedObject.Point(x: $1.x, y: $1.y, number: keypoints.count + $0)
            }
    }

    /// The object with its places elsewhere.
    ///
    /// - Parameter moved: those of ``places`` that are still in the picture, by their numbers. A keypoint that is not there
    ///   becomes one that is not labelled, a prompt goes.
    func with(places moved: [AugmentedObject.Point]) -> LabelledObject {
        // What is no number any more is nowhere.
        let found = Dictionary(
            moved.filter { $0.x.isFinite && $0.y.isFinite }.map { ($0.number, $0) },
            uniquingKeysWith: { first, _ in first })
        let keypoints = annotation.extra["keypoints"].flatMap(Self.keypoints) ?? []
        var object = self
        object.annotation.extra = annotation.extra.compactMap { member in
            switch member.name {
            case "keypoints" where !keypoints.isEmpty:
                let numbers = keypoints.enumerated().flatMap { number, keypoint -> [Double] in
                    found[number].map { [$0.x, $0.y, keypoint.visibility] } ?? [0, 0, 0]
                }
                return RawMember(member.name, .array(numbers.map(Self.number)))
            case "num_keypoints" where !keypoints.isEmpty:
                return RawMember(member.name, .integer(Int64(keypoints.indices.count { found[$0] != nil })))
            case "point_coords":
                guard let prompts = Self.prompts(member) else { return member }
                let left = prompts.indices.compactMap { found[keypoints.count + $0] }
                return left.isEmpty
                    ? nil : RawMember(member.name, .array(left.map { .array([Self.number($0.x), Self.number($0.y)]) }))
            default: return member
            }
        }
        return object
    }

    /// Whether a member holds places that ``with(places:)`` cannot move.
    static func isImmovable(_ member: RawMember) -> Bool {
        switch member.name {
        case "crop_box": true
        case "keypoints": keypoints(member) == nil
        case "point_coords": prompts(member) == nil
        default: false
        }
    }

    /// A whole number without a point.
    private static func number(_ value: Double) -> JSONValue {
        Int64(exactly: value).map { .integer($0) } ?? .number(value)
    }

    private static func keypoints(_ member: RawMember) -> [(x: Double, y: Double, visibility: Double)]? {
        guard let values = (try? member.parsed())?.array, values.count.isMultiple(of: 3) else { return nil }
        let numbers = values.compactMap(\.double)
        guard numbers.count == values.count, numbers.allSatisfy(\.isFinite) else { return nil }
        return stride(from: 0, to: numbers.count, by: 3).map { (numbers[$0], numbers[$0 + 1], numbers[$0 + 2]) }
    }

    private static func prompts(_ member: RawMember) -> [(x: Double, y: Double)]? {
        guard let values = (try? member.parsed())?.array else { return nil }
        let points = values.compactMap { value -> (x: Double, y: Double)? in
            let numbers = value.array?.compactMap(\.double) ?? []
            guard numbers.count == 2, value.array?.count == 2, numbers.allSatisfy(\.isFinite) else { return nil }
            return (numbers[0], numbers[1])
        }
        return points.count == values.count ? points : nil
    }
}
