internal import Annotations
private import Augmentation
private import Images
private import JSONText
private import Masks
private import Runtime

/// Brings a sample's labels into the frame that readers of the target expect. The image's file stays as it is, with the
/// EXIF orientation that those readers apply, or do not.
struct FrameTurn: Sendable {
    /// Nil leaves labels as they are.
    var frame: LabelFrame?

    /// - Parameter ledger: told of a sample whose labels are turned.
    func callAsFunction(_ sample: StagedSample, ledger: inout FindingLedger) -> StagedSample {
        // Changed pixels are written in the labels' own frame, without an orientation.
        guard let frame, !sample.hasNewPixels, let header = try? ImageCodec.probe(sample.labelled.encoded),
            let present = DihedralTransform(rawValue: sample.labelled.exifOrientation),
            let upright = DihedralTransform(rawValue: header.exifOrientation)
        else { return sample }
        let wanted = frame == .upright ? upright : .identity
        guard wanted != present else { return sample }
        let turn = present.inverse.followed(by: wanted)
        let (height, width) = (sample.height, sample.width)
        var turned = sample
        turned.labelled.exifOrientation = wanted.rawValue
        let size = turn.size(height: height, width: width)
        turned.labelled.image.height = size.height
        turned.labelled.image.width = size.width
        turned.objects = sample.objects.map { Self.turn($0, by: turn, height: height, width: width) }
        ledger.note(
            Finding(
                rule: ConversionRule.labelsTurned, severity: .note, location: sample.location,
                message:
                    "\(sample.labelled.image.fileName): the labels are turned into the frame of the \(frame == .upright ? "upright image" : "stored pixels"), EXIF orientation \(header.exifOrientation); the file stays as it is"
            ))
        return turned
    }

    private static func turn(
        _ object: LabelledObject, by turn: DihedralTransform, height: Int, width: Int
    ) -> LabelledObject {
        func box(_ box: Box) -> Box { turn(box, height: height, width: width) }
        /// Corners of outlines lie between pixels, as the edges of boxes do.
        func point(_ x: Double, _ y: Double) -> [Double] {
            let moved = box(Box(x: x, y: y, width: 0, height: 0))
            return [moved.x, moved.y]
        }
        /// Of keypoints and prompts whole numbers are the middles of pixels (``LabelledObject/places``).
        func place(_ x: Double, _ y: Double) -> [Double] { point(x + 0.5, y + 0.5).map { $0 - 0.5 } }
        var annotation = object.annotation
        annotation.spelling = COCOAnnotation.Spelling()
        annotation.bbox = annotation.bbox.map(box)
        switch annotation.segmentation {
        case .polygons(let rings):
            annotation.segmentation = .polygons(
                rings.map { ring in
                    stride(from: 0, to: ring.count - 1, by: 2).flatMap { point(ring[$0], ring[$0 + 1]) }
                })
        case .runs, .compressed: annotation.segmentation = nil
        case nil: break
        }
        annotation.extra = annotation.extra.map { member in
            guard let value = try? member.parsed(), let moved = Self.moved(member.name, value, box: box, point: place)
            else { return member }
            return RawMember(member.name, moved)
        }
        return LabelledObject(annotation: annotation, mask: turn(object.mask))
    }

    /// The members that hold places: COCO's keypoints, SA-1B's points and crop box. Nil for others.
    private static func moved(
        _ name: String, _ value: JSONValue, box: (Box) -> Box, point: (Double, Double) -> [Double]
    ) -> JSONValue? {
        func list(_ values: [Double]) -> JSONValue { .array(values.map { .number($0) }) }
        switch name {
        case "keypoints":
            let count = value.array?.count ?? 0
            let numbers = value.array?.compactMap(\.double) ?? []
            guard count > 0, numbers.count == count, count.isMultiple(of: 3) else { return nil }
            var moved: [Double] = []
            for at in stride(from: 0, to: count, by: 3) {
                // Points that are not labelled are zeros.
                let isLabelled = numbers[at + 2] != 0
                moved += isLabelled ? point(numbers[at], numbers[at + 1]) : [numbers[at], numbers[at + 1]]
                moved.append(numbers[at + 2])
            }
            return list(moved)
        case "point_coords":
            let points = value.array?.map { $0.array?.compactMap(\.double) ?? [] } ?? []
            guard !points.isEmpty, points.allSatisfy({ $0.count == 2 }) else { return nil }
            return .array(points.map { list(point($0[0], $0[1])) })
        case "crop_box":
            guard let numbers = value.array?.compactMap(\.double), numbers.count == 4 else { return nil }
            let moved = box(Box(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3]))
            return list([moved.x, moved.y, moved.width, moved.height])
        default: return nil
        }
    }
}
