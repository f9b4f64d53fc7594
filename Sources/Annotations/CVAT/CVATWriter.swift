private import Foundation
internal import JSONText
internal import Masks
internal import Runtime

/// Writes a CVAT file for images, version 1.1, with the images beside it: polygons where they draw the mask, masks
/// elsewhere; the parts of an object share a `group_id`, groups of objects have the attribute `iscrowd`.
package struct CVATWriter: LabelWriter {
    private let copiesImages: Bool
    private let names: [COCOIdentifier: String]
    private var classRenames: [LabelRename]
    private var output: LabelOutput
    private let file: AtomicFileWriter
    private var count = 0

    /// - Throws: `FileError.write`.
    package init(root: String, categories: [COCOCategory], copiesImages: Bool = true) throws {
        self.copiesImages = copiesImages
        let plain = PlainNames(categories, isList: false)
        names = plain.names
        classRenames = plain.renames
        output = try LabelOutput(root: root)
        file = try AtomicFileWriter(path: try output.place("annotations.xml"))
        let labels = categories.map { category in
            "        <label>\(XMLText.element("name", plain.names[category.id] ?? ""))<attributes><attribute><name>iscrowd</name>"
                + "<mutable>False</mutable><input_type>checkbox</input_type><default_value>false</default_value>"
                + "<values>false\ntrue</values></attribute></attributes></label>\n"
        }.joined()
        try file.write(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <annotations>
              <version>1.1</version>
              <meta>
                <task>
                  <mode>annotation</mode>
                  <labels>
            \(labels)      </labels>
                </task>
              </meta>

            """)
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let name = output.name(for: image, copies: copiesImages)
        var losses = LossList(of: image.image)
        var text =
            "  <image id=\"\(count)\" name=\"\(XMLText.escaped(name))\" width=\"\(image.image.width ?? 0)\" height=\"\(image.image.height ?? 0)\">\n"
        count += 1
        var group = 0
        for (order, object) in zip(Self.orders(of: image.objects), image.objects) {
            guard let label = names[object.annotation.categoryID] else {
                losses.add(object, .object, overlap: 0)
                continue
            }
            text += shapes(of: object, label: label, order: order, &group, &losses)
        }
        text += "  </image>\n"
        if copiesImages { try output.write(image.encoded, to: "images/" + name) }
        try file.write(text)
        return losses.losses
    }

    package mutating func takeNotes() -> LabelNotes {
        defer { classRenames = [] }
        return output.takeNotes(with: classRenames)
    }

    package mutating func finish() throws {
        try file.write("</annotations>\n")
        try file.commit()
    }

    private func shapes(
        of object: LabelledObject, label: String, order: Int, _ group: inout Int, _ losses: inout LossList
    ) -> String {
        let isOccluded = object.annotation.extra["occluded"].flatMap { Self.flag($0) } ?? false
        let head = "label=\"\(XMLText.escaped(label))\" source=\"manual\" occluded=\"\(isOccluded ? 1 : 0)\""
        let attributes =
            "<attribute name=\"iscrowd\">\(object.annotation.isCrowd)</attribute>"
            + Self.attributes(of: object.annotation, order: order)
        func shape(_ name: String, _ places: String, group: Int = 0) -> String {
            let groupText = group == 0 ? "" : " group_id=\"\(group)\""
            return "    <\(name) \(head) \(places) z_order=\"\(order)\"\(groupText)>\(attributes)</\(name)>\n"
        }
        if object.mask.isEmpty {
            guard let box = object.annotation.bbox, box.width > 0, box.height > 0 else {
                losses.add(object, .object, overlap: 0)
                return ""
            }
            let edges = [("xtl", box.x), ("ytl", box.y), ("xbr", box.maxX), ("ybr", box.maxY)]
            return shape("box", edges.map { "\($0)=\"\(Self.number($1))\"" }.joined(separator: " "))
        }
        if let rings = object.exactRings(), rings.allSatisfy({ $0.count >= 6 && $0.count % 2 == 0 }) {
            group += rings.count > 1 ? 1 : 0
            return rings.map { ring in
                let points = stride(from: 0, to: ring.count, by: 2).map {
                    "\(Self.number(ring[$0])),\(Self.number(ring[$0 + 1]))"
                }
                return shape(
                    "polygon", "points=\"\(points.joined(separator: ";"))\"", group: rings.count > 1 ? group : 0)
            }.joined()
        }
        guard let runs = CVATMask.runs(object.mask) else { return "" }
        let list = runs.runs.map { "\($0)" }.joined(separator: ", ")
        return shape(
            "mask",
            "rle=\"\(list)\" left=\"\(runs.columns.lowerBound)\" top=\"\(runs.rows.lowerBound)\" width=\"\(runs.columns.count)\" height=\"\(runs.rows.count)\""
        )
    }

    /// What `z_order` is to be of each object: as stated, if some are (0 of the others) and the objects stand in that order;
    /// otherwise their places.
    private static func orders(of objects: [LabelledObject]) -> [Int] {
        let stated = objects.map { zOrder(of: $0.annotation) }
        let orders = stated.map { $0 ?? 0 }
        let areKept = stated.contains { $0 != nil } && zip(orders, orders.dropFirst()).allSatisfy(<=)
        return areKept ? orders : Array(objects.indices)
    }

    private static func zOrder(of annotation: COCOAnnotation) -> Int? {
        annotation.extra["z_order"].flatMap { try? $0.parsed() }?.int
    }

    /// A member that is true or false, or 1 or 0; nil for any other.
    private static func flag(_ member: RawMember) -> Bool? {
        switch try? member.parsed() {
        case .bool(let value): value
        case .integer(let value) where (0...1).contains(value): value == 1
        default: nil
        }
    }

    /// What is said of an object besides, as attributes, which are texts; names stay apart where XML has no way to write what
    /// tells them apart.
    private static func attributes(of annotation: COCOAnnotation, order: Int) -> String {
        let others = annotation.extra.filter { member in
            (member.name != "z_order" || zOrder(of: annotation) != order)
                && (member.name != "occluded" || Self.flag(member) == nil)
        }
        return others.flattened(taken: []).map { JSONMember(XMLText.writable($0.name), $0.value) }
            .renamed(taken: ["iscrowd", "is_crowd"]).map { member in
                let text = member.value.string ?? member.value.text()
                return "<attribute name=\"\(XMLText.escaped(member.name))\">\(XMLText.escaped(text))</attribute>"
            }.joined()
    }

    package var memberPlaces: MemberPlaces { MemberPlaces(objects: .all) }

    private static func number(_ value: Double) -> String {
        var writer = JSONWriter()
        writer.plainNumber(value)
        return writer.text
    }
}
