internal import JSONText
internal import Masks

/// A region of a VIA file, of any version: its shape and attributes.
struct VIARegion: Sendable {
    /// Why a region has no outline.
    struct Failure: Error {
        let rule: String
        let message: String
    }

    let shape: JSONValue
    let attributes: [JSONMember]

    /// The outline; nil rings with a box for a rectangle.
    func outline() throws(Failure) -> (ring: [Double]?, box: Box?) {
        let kind = shape["name"]?.string ?? ""
        func numbers(_ keys: String...) throws(Failure) -> [Double] {
            let values = keys.compactMap { shape[$0]?.double }
            guard values.count == keys.count else {
                throw Failure(
                    rule: LabelRule.badValue, message: "a \(kind) has the numbers \(keys.joined(separator: ", "))")
            }
            return values
        }
        switch kind {
        case "polygon":
            let xs = (shape["all_points_x"]?.array ?? []).compactMap(\.double)
            let ys = (shape["all_points_y"]?.array ?? []).compactMap(\.double)
            guard xs.count == ys.count, xs.count >= 3 else {
                throw Failure(
                    rule: LabelRule.badValue,
                    message: "a polygon with \(xs.count) and \(ys.count) coordinates; three points or more are due")
            }
            return (zip(xs, ys).flatMap { [$0, $1] }, nil)
        case "rect":
            let values = try numbers("x", "y", "width", "height")
            guard values[2] > 0, values[3] > 0 else {
                throw Failure(rule: LabelRule.badValue, message: "the rectangle has no area")
            }
            return (nil, Box(x: values[0], y: values[1], width: values[2], height: values[3]))
        case "circle":
            let values = try numbers("cx", "cy", "r")
            return (ShapeOutlines.ellipse(x: values[0], y: values[1], radiusX: values[2], radiusY: values[2]), nil)
        case "ellipse":
            let values = try numbers("cx", "cy", "rx", "ry")
            let theta = (shape["theta"]?.double ?? 0) * 180 / .pi
            return (
                ShapeOutlines.ellipse(
                    x: values[0], y: values[1], radiusX: values[2], radiusY: values[3], degrees: theta), nil
            )
        default: throw Failure(rule: LabelRule.shapeKind, message: "a \(kind.isEmpty ? "region" : kind) covers no area")
        }
    }

    /// An attribute's value: a text, or the options of a check box that are ticked.
    func value(of attribute: String) -> String? {
        guard let value = attributes.first(where: { $0.name == attribute })?.value else { return nil }
        if let text = value.string { return text.isEmpty ? nil : text }
        if let options = value.object {
            return options.first { $0.value.bool == true || $0.value.string == "true" }?.name
        }
        return value.int.map(String.init)
    }

    /// The regions of an entry of VIA 1 or 2: a list, or an object of them.
    static func all(in entry: JSONValue) -> [VIARegion] {
        let list = entry["regions"]?.array ?? entry["regions"]?.object?.map(\.value) ?? []
        return list.map {
            VIARegion(shape: $0["shape_attributes"] ?? .null, attributes: $0["region_attributes"]?.object ?? [])
        }
    }

    /// A region of VIA 3: `xy` is a kind and its numbers.
    ///
    /// - Parameter names: of attributes and of their options, by number.
    init(third metadata: JSONValue, names: [String: (name: String, options: [String: String])]) {
        let xy = (metadata["xy"]?.array ?? []).compactMap(\.double)
        let rest = Array(xy.dropFirst())
        func object(_ name: String, _ keys: [String]) -> JSONValue {
            .object([JSONMember("name", .string(name))] + zip(keys, rest).map { JSONMember($0, .number($1)) })
        }
        switch xy.first.map({ Int($0) }) {
        case 2: shape = object("rect", ["x", "y", "width", "height"])
        case 3: shape = object("circle", ["cx", "cy", "r"])
        case 4: shape = object("ellipse", ["cx", "cy", "rx", "ry"])
        case 7:
            let points = rest.count / 2
            shape = .object([
                JSONMember("name", "polygon"),
                JSONMember("all_points_x", .array((0..<points).map { .number(rest[2 * $0]) })),
                JSONMember("all_points_y", .array((0..<points).map { .number(rest[2 * $0 + 1]) })),
            ])
        case 1: shape = object("point", [])
        case 5, 6: shape = object("line", [])
        default: shape = object("", [])
        }
        attributes = (metadata["av"]?.object ?? []).map { member in
            let known = names[member.name]
            let text = member.value.string ?? member.value.text()
            return JSONMember(known?.name ?? member.name, .string(known?.options[text] ?? text))
        }
    }

    init(shape: JSONValue, attributes: [JSONMember]) {
        self.shape = shape
        self.attributes = attributes
    }
}
