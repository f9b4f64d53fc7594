internal import Annotations
private import JSONText
internal import Runtime

/// Writes a COCO file with what an audit found wrong set right, as far as masks tell what is right: stated areas and boxes
/// become the masks', annotations that stand twice stand once. Everything else is copied byte for byte.
package struct COCOFix {
    /// The rules whose findings are fixed.
    package static let rules: Set<String> = [
        "agreement.area", "agreement.box-area", "agreement.bbox", "bbox.degenerate", "bbox.outside", "object.duplicate",
    ]

    private let repairs: [COCORepair]

    init(_ repairs: [COCORepair]) { self.repairs = repairs.sorted { $0.offset < $1.offset } }

    /// Findings that are fixed, by rule; one annotation may have broken several.
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
                var annotation = try COCOReader.annotation(in: bytes, at: repair.offset, path: path)
            else { continue }
            var parser = JSONPullParser(
                UnsafeRawBufferPointer(rebasing: bytes[repair.offset...]), acceptsNonFinite: true)
            let end = repair.offset + (try parser.skipValue()).upperBound
            if repair.isRemoved {
                Self.remove(repair.offset..<end, of: bytes, &edits)
                continue
            }
            if let area = repair.area {
                annotation.area = area
                annotation.spelling.area = .plain
            }
            if let box = repair.box {
                annotation.bbox = box
                annotation.spelling.bbox = .plain
            }
            edits.append(Edit(range: repair.offset..<end, text: COCOWriter.text(of: annotation)))
        }
        return edits
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
