internal import JSONText
internal import Masks
private import Runtime

/// An `<object>` of a Pascal VOC file.
struct VOCObject {
    let name: String
    /// In pixels from 0, without the last row and column that VOC counts in.
    let box: Box
    let extra: [RawMember]
    let line: Int

    /// The objects of a file; what cannot be used is dropped.
    static func all(in root: XMLNode, _ sheet: inout LabelSheet) -> [VOCObject] {
        var objects: [VOCObject] = []
        for node in root.all("object") {
            guard let name = node.text("name"), !name.isEmpty else {
                sheet.drop(LabelRule.badValue, line: node.line, "the object has no name")
                continue
            }
            guard let bounds = node["bndbox"], let left = bounds.number("xmin"), let top = bounds.number("ymin"),
                let right = bounds.number("xmax"), let bottom = bounds.number("ymax")
            else {
                sheet.drop(LabelRule.badValue, line: node.line, "the object \"\(name)\" has no box of four numbers")
                continue
            }
            let box = Box(x: left - 1, y: top - 1, width: right - left + 1, height: bottom - top + 1)
            guard box.width > 0, box.height > 0 else {
                sheet.drop(
                    LabelRule.badValue, line: node.line, "the box of \"\(name)\" ends before it begins: \(box)")
                continue
            }
            if left == 0 || top == 0 {
                sheet.note(
                    LabelRule.repairedValue, .note, line: node.line,
                    "the box begins at 0, where VOC counts from 1; it is read like the others")
            }
            objects.append(VOCObject(name: name, box: box, extra: extra(node), line: node.line))
        }
        return objects
    }

    /// Flags and views, as members.
    private static func extra(_ node: XMLNode) -> [RawMember] {
        ["pose", "truncated", "occluded", "difficult"].compactMap { key in
            guard let text = node.text(key), !text.isEmpty else { return nil }
            return RawMember(key, Int64(text).map { .integer($0) } ?? .string(text))
        }
    }

    /// Whether a mask can be this object's: VOC's boxes are drawn by hand, so that close is enough.
    func fits(_ mask: RLE) -> Bool { box.intersectionOverUnion(mask.boundingBox) >= 0.5 }

    /// Whether a mask may be the part of this object that others leave to be seen: but for two pixels it lies in the box.
    func surrounds(_ mask: RLE) -> Bool {
        let part = mask.boundingBox
        return part.x >= box.x - 2 && part.y >= box.y - 2 && part.maxX <= box.maxX + 2 && part.maxY <= box.maxY + 2
    }
}
