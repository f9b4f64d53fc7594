internal import JSONText
internal import Masks

/// Shapes of one image that are parts of one object: those of one class in one group.
struct ObjectGroups {
    /// What an object is made of while its parts come.
    struct Object {
        let category: COCOIdentifier
        var rings: [[Double]] = []
        var masks: [RLE] = []
        /// Of a shape that is a box and has no outline.
        var box: Box?
        var isCrowd = false
        var extra: [RawMember] = []
        /// Where the first part stands.
        var place: String
    }

    private struct Key: Hashable {
        let group: String
        let category: COCOIdentifier
    }

    private(set) var objects: [Object] = []
    private var indexes: [Key: Int] = [:]

    /// Adds a part.
    ///
    /// - Parameter group: what parts of one object share; nil for an object of one part.
    mutating func add(_ part: Object, group: String?) {
        if let group {
            let key = Key(group: group, category: part.category)
            // A box stays an object of its own: it adds nothing to a mask.
            if part.box == nil, let index = indexes[key] {
                objects[index].rings += part.rings
                objects[index].masks += part.masks
                objects[index].isCrowd = objects[index].isCrowd || part.isCrowd
                return
            }
            if part.box == nil { indexes[key] = objects.count }
        }
        objects.append(part)
    }

    /// Puts the objects on a sheet: outlines stay outlines; where there are masks as well, all become one mask.
    func write(to sheet: inout LabelSheet, height: Int, width: Int) {
        for object in objects {
            if object.masks.isEmpty {
                sheet.add(
                    category: object.category,
                    segmentation: object.rings.isEmpty ? nil : .polygons(object.rings), box: object.box,
                    isCrowd: object.isCrowd, extra: object.extra)
                continue
            }
            do {
                var masks = object.masks
                if !object.rings.isEmpty {
                    masks.append(try RLE(height: height, width: width, polygons: object.rings))
                }
                sheet.add(
                    category: object.category, mask: try RLE.union(masks), isCrowd: object.isCrowd, extra: object.extra)
            } catch {
                sheet.drop(error.codeName, keyPath: object.place, error.message)
            }
        }
    }
}
