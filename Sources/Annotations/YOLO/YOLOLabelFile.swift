private import Foundation
internal import JSONText
internal import Masks
internal import Runtime

/// The lines of one YOLO label file.
struct YOLOLabelFile {
    private let file: MappedFile

    /// - Throws: `FileError`.
    init(path: String) throws(FileError) { file = try MappedFile(path: path) }

    /// Each line's number, from 1, and its fields.
    private func forEachLine(_ body: (Int, [Substring]) -> Void) {
        file.withBytes { bytes in
            let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
            var number = 0
            for line in text.split(
                omittingEmptySubsequences: false, whereSeparator: { $0 == UInt8(ascii: "\n") })
            {
                number += 1
                let fields = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
                if !fields.isEmpty { body(number, fields) }
            }
        }
    }

    /// The class numbers that the lines name.
    func classNumbers() -> Set<Int> {
        var numbers: Set<Int> = []
        forEachLine { _, fields in
            if let number = Self.classNumber(fields[0]) { numbers.insert(number) }
        }
        return numbers
    }

    /// `3`, and also `3.0`, which some tools write.
    private static func classNumber(_ field: Substring) -> Int? {
        let number = Int(field) ?? Double(field).flatMap { Int(exactly: $0) }
        return number.flatMap { (0..<YOLOConfiguration.maximumClasses).contains($0) ? $0 : nil }
    }

    /// Adds the objects to a sheet.
    ///
    /// - Parameter ids: of the categories, by class number.
    func read(into sheet: inout LabelSheet, ids: [Int: COCOIdentifier], height: Int, width: Int) {
        if file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            sheet.note(LabelRule.byteOrderMark, .note, "the file starts with a byte order mark; it is skipped")
        }
        forEachLine { line, fields in
            guard let number = Self.classNumber(fields[0]) else {
                sheet.drop(LabelRule.badValue, line: line, "\"\(fields[0].prefix(40))\" is no class number")
                return
            }
            guard let category = ids[number] else {
                sheet.drop(LabelRule.unknownCategory, line: line, "class \(number) is not among the set's names")
                return
            }
            let values = fields.dropFirst().compactMap { Double($0) }
            guard values.count == fields.count - 1, values.allSatisfy(\.isFinite) else {
                sheet.drop(LabelRule.badValue, line: line, "a coordinate is no finite number")
                return
            }
            add(values, category, line, height: height, width: width, to: &sheet)
        }
    }

    private func add(
        _ values: [Double], _ category: COCOIdentifier, _ line: Int, height: Int, width: Int,
        to sheet: inout LabelSheet
    ) {
        let (w, h) = (Double(width), Double(height))
        // Rounding leads out by a little; pixels instead of parts lead out by much.
        guard values.allSatisfy({ $0 > -1 && $0 <= 2 }) else {
            sheet.drop(
                LabelRule.badValue, line: line,
                "a coordinate is \(values.first { $0 <= -1 || $0 > 2 } ?? 0); parts of the image's size, 0 to 1, are due"
            )
            return
        }
        if let outside = values.first(where: { $0 < -1e-3 || $0 > 1.001 }) {
            sheet.note(
                LabelRule.repairedValue, .warning, line: line,
                "a coordinate is \(outside), outside of 0 to 1; the object is cut at the image's edge")
        }
        switch values.count {
        case 4, 5:
            let box = Box(
                x: (values[0] - values[2] / 2) * w, y: (values[1] - values[3] / 2) * h, width: values[2] * w,
                height: values[3] * h)
            guard box.width > 0, box.height > 0 else {
                sheet.drop(LabelRule.badValue, line: line, "the box has no area")
                return
            }
            // A fifth number is the score of a prediction.
            let extra = values.count == 5 ? [RawMember("score", .number(values[4]))] : []
            sheet.add(category: category, segmentation: nil, box: box, extra: extra, line: line)
        case let count where count >= 6 && count.isMultiple(of: 2):
            let ring = values.enumerated().map { $0.element * ($0.offset.isMultiple(of: 2) ? w : h) }
            sheet.add(category: category, segmentation: .polygons([ring]), line: line)
        default:
            sheet.drop(
                LabelRule.badValue, line: line,
                "\(values.count) numbers are neither a box (4) nor an outline (an even number from 6 on)")
        }
    }
}
