internal import JSONText
internal import Masks
internal import Runtime

/// Elements with which nothing is wrong, read at once. Each returns nil or false, the parser still before the element and
/// no finding made, when there is anything to find: the element is then read member by member, with the same result.
extension COCOElementDecoder {
    mutating func regularImage(_ origin: DataOrigin) -> COCOImage? {
        guard let reader = regular?.images else { return nil }
        let mark = parser.mark
        guard reader.read(&parser) else { return nil }
        guard let id = reader.slot(0), let name = reader.slot(1)?.pointee.range else { return decline(mark) }
        let width = reader.slot(2)?.pointee.integer
        let height = reader.slot(3)?.pointee.integer
        guard width ?? 0 >= 0, height ?? 0 >= 0 else { return decline(mark) }
        // Between its quotes.
        let text = parser.raw(name.lowerBound + 1..<name.upperBound - 1)
        return COCOImage(
            id: .integer(id.pointee.integer), fileName: String(decoding: text, as: UTF8.self),
            width: width.map { Int($0) }, height: height.map { Int($0) }, extra: extra(of: reader), origin: origin)
    }

    /// - Parameters:
    ///   - annotation: an annotation of the same file, which is overwritten; of no use when the answer is false. Filling the
    ///     one that is there, and with ``reusesRings`` the arrays inside it, takes half the time of making a new one.
    ///   - position: of the annotation.
    mutating func regularAnnotation(into annotation: inout COCOAnnotation, at position: TextPosition) -> Bool {
        guard let reader = regular?.annotations else { return false }
        let mark = parser.mark
        guard reader.read(&parser) else { return false }
        guard let id = reader.slot(0), let imageID = reader.slot(1), let categoryID = reader.slot(2) else {
            parser.rewind(to: mark)
            return false
        }
        annotation.origin.position = position
        annotation.id = .integer(id.pointee.integer)
        annotation.imageID = .integer(imageID.pointee.integer)
        annotation.categoryID = .integer(categoryID.pointee.integer)
        annotation.crowdFlag = reader.slot(6).map { $0.pointee.integer == 1 }
        if !annotation.extra.isEmpty || !reader.extras.isEmpty { annotation.extra = extra(of: reader) }
        let area = reader.slot(4)
        annotation.area = area?.pointee.number
        annotation.spelling.area = area?.pointee.isIntegerText ?? true ? .plain : .decimal
        guard takeBox(of: reader, to: &annotation), takeSegmentation(of: reader, to: &annotation) else {
            parser.rewind(to: mark)
            return false
        }
        return true
    }

    private func takeBox(of reader: JSONRecordReader, to annotation: inout COCOAnnotation) -> Bool {
        guard let box = reader.slot(5) else {
            annotation.bbox = nil
            annotation.spelling.bbox = .plain
            return true
        }
        guard box.pointee.count == 4 else { return false }
        let sides = reader.numbers(of: box)
        annotation.bbox = Box(x: sides[0], y: sides[1], width: sides[2], height: sides[3])
        annotation.spelling.bbox = spelling(of: box)
        return true
    }

    private mutating func takeSegmentation(of reader: JSONRecordReader, to annotation: inout COCOAnnotation) -> Bool {
        var rings: [[Double]] = []
        if reusesRings, case .polygons(let old) = annotation.segmentation { rings = old }
        annotation.segmentation = nil
        annotation.spelling.segmentation = .plain
        guard let segmentation = reader.slot(3) else { return true }
        if parser.raw(segmentation.pointee.range)[0] == UInt8(ascii: "{") {
            return regularMask(segmentation.pointee.range, of: &annotation)
        }
        reader.copyLists(of: segmentation, to: &rings)
        annotation.segmentation = .polygons(rings)
        annotation.spelling.segmentation = spelling(of: segmentation)
        return true
    }

    mutating func regularPlace(_ origin: DataOrigin) -> COCOAnnotationPlace? {
        guard let reader = regular?.places else { return nil }
        let mark = parser.mark
        guard reader.read(&parser) else { return nil }
        guard let id = reader.slot(0), let imageID = reader.slot(1) else { return decline(mark) }
        _ = parser.takeNonFinite()
        return COCOAnnotationPlace(
            id: .integer(id.pointee.integer), imageID: .integer(imageID.pointee.integer), offset: offset(of: origin))
    }

    // MARK: Parts

    /// Reads a segmentation that is an object, which the reader has only passed.
    private mutating func regularMask(_ range: Range<Int>, of annotation: inout COCOAnnotation) -> Bool {
        let end = parser.mark
        let start = findingCount
        parser.rewind(to: end.moved(to: range.lowerBound))
        let isRead = (try? segmentation("segmentation", of: &annotation)) == true
        guard isRead, findingCount == start else {
            forgetFindings(after: start)
            return false
        }
        parser.rewind(to: end)
        return true
    }

    private func extra(of reader: JSONRecordReader) -> [RawMember] {
        let extras = reader.extras
        guard let first = extras.first, let last = extras.last else { return [] }
        // One piece of memory for all, unless much else stands between them.
        let all = first.value.lowerBound..<last.value.upperBound
        let used = extras.reduce(0) { $0 + $1.value.count }
        let shared = all.count <= 4 * used + 64 ? Array(parser.raw(all)) : nil
        return extras.map { extra in
            RawMember(
                name: String(decoding: parser.raw(extra.key), as: UTF8.self), nameText: nil,
                value: shared.map {
                    $0[extra.value.lowerBound - all.lowerBound..<extra.value.upperBound - all.lowerBound]
                } ?? Array(parser.raw(extra.value))[...])
        }
    }

    private func spelling(of slot: UnsafePointer<JSONRecordReader.Slot>) -> NumberSpelling {
        spelling(
            hasPlain: slot.pointee.hasPlainIntegers, hasDecimal: slot.pointee.hasDecimalIntegers,
            in: slot.pointee.range)
    }

    private mutating func decline<Element>(_ mark: JSONPullParser.Mark) -> Element? {
        parser.rewind(to: mark)
        return nil
    }
}
