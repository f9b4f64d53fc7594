internal import Annotations
private import JSONText
private import Masks
internal import Runtime

/// Writes a COCO file with what an audit found wrong set right, as far as masks tell what is right: stated areas and boxes
/// become the masks', annotations that stand twice stand once. Everything else is copied byte for byte, the other members of
/// such an annotation, too.
package struct COCOFix {
    /// The rules whose findings are fixed.
    package static let rules: Set<String> = [
        "agreement.area", "agreement.box-area", "agreement.bbox", "bbox.degenerate", "bbox.outside", "object.duplicate",
    ]

    private let repairs: [COCORepair]

    init(_ repairs: [COCORepair]) { self.repairs = repairs.sorted { $0.offset < $1.offset } }

    /// Findings that are fixed by what they are about, by rule; one annotation may have broken several. What else goes with
    /// an annotation that is taken out, ``AuditSummary/rest(_:)`` knows.
    package var counts: [String: Int] {
        repairs.reduce(into: [:]) { counts, repair in
            for rule in repair.rules { counts[rule, default: 0] += 1 }
        }
    }

    /// Writes the file, atomically; only what is changed is held in memory.
    ///
    /// - Parameters:
    ///   - path: the file that was audited.
    ///   - target: the file to be, which may be the same.
    /// - Throws: `FileError`, `AnnotationError` when the file was changed in between.
    package func write(_ path: String, to target: String) throws {
        let file = try MappedFile(path: path)
        let writer = try AtomicFileWriter(path: target)
        try file.withBytes { bytes in
            var position = 0
            for edit in try edits(bytes, path: path) {
                try Self.copy(bytes, position..<edit.range.lowerBound, to: writer)
                try writer.write(edit.text)
                position = edit.range.upperBound
            }
            try Self.copy(bytes, position..<bytes.count, to: writer)
        }
        try writer.commit()
    }

    private static let step = 1 << 20

    private static func copy(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, to writer: AtomicFileWriter
    ) throws(FileError) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(range.upperBound, start + step)
            try writer.write(Array(bytes[start..<end]))
            start = end
        }
    }

    // MARK: Edits

    /// A piece of the file, and what stands there instead.
    private struct Edit {
        var range: Range<Int>
        var text = ""
        var isRemoval = false
    }

    private func edits(_ bytes: UnsafeRawBufferPointer, path: String) throws -> [Edit] {
        var edits: [Edit] = []
        for repair in repairs {
            guard repair.offset < bytes.count,
                try COCOReader.annotation(in: bytes, at: repair.offset, path: path) != nil
            else { continue }
            var parser = JSONPullParser(
                UnsafeRawBufferPointer(rebasing: bytes[repair.offset...]), acceptsNonFinite: true)
            if repair.isRemoved {
                let end = repair.offset + (try parser.skipValue()).upperBound
                Self.remove(repair.offset..<end, of: bytes, &edits)
                continue
            }
            var values: [String: JSONValue] = [:]
            values["area"] = repair.area.map(Self.number)
            values["bbox"] = repair.box.map { .array([$0.x, $0.y, $0.width, $0.height].map(Self.number)) }
            edits += try Self.places(of: Set(values.keys), &parser).map { name, place in
                Edit(
                    range: repair.offset + place.lowerBound..<repair.offset + place.upperBound,
                    text: (values[name] ?? .null).text())
            }
        }
        return edits
    }

    /// A number as COCO's own files have it: `12`, not `12.0`.
    private static func number(_ value: Double) -> JSONValue {
        Int64(exactly: value).map { .integer($0) } ?? .number(value)
    }

    /// Where the values of members stand in the object that comes next, in their order; of a key that stands twice the last one,
    /// which is the one that counts.
    private static func places(
        of names: Set<String>, _ parser: inout JSONPullParser
    ) throws(JSONError) -> [(name: String, place: Range<Int>)] {
        var places: [String: Range<Int>] = [:]
        try parser.beginObject()
        while let key = try parser.nextKey() {
            let name = parser.name(of: key)
            let place = try parser.skipValue()
            if names.contains(name) { places[name] = place }
        }
        return places.map { ($0, $1) }.sorted { $0.place.lowerBound < $1.place.lowerBound }
    }

    /// Takes an element out of its list, with the comma behind it; of the last one, with that before it.
    private static func remove(_ element: Range<Int>, of bytes: UnsafeRawBufferPointer, _ edits: inout [Edit]) {
        func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
        var end = element.upperBound
        while end < bytes.count, isSpace(bytes[end]) { end += 1 }
        if end < bytes.count, bytes[end] == UInt8(ascii: ",") {
            end += 1
            while end < bytes.count, isSpace(bytes[end]) { end += 1 }
            edits.append(Edit(range: element.lowerBound..<end, isRemoval: true))
            return
        }
        var start = element.lowerBound
        // Those before it that go as well have taken the commas behind them.
        while let last = edits.last, last.isRemoval, last.range.upperBound == start {
            start = last.range.lowerBound
            edits.removeLast()
        }
        var before = start
        while before > 0, isSpace(bytes[before - 1]) { before -= 1 }
        if before > 0, bytes[before - 1] == UInt8(ascii: ",") { start = before - 1 }
        edits.append(Edit(range: start..<element.upperBound, isRemoval: true))
    }
}
