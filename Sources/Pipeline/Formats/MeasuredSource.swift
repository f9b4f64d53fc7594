package import Annotations
private import Images
private import Runtime

/// A source whose images all have the size of the frame that their labels are in. What the labels do not state is read from
/// the headers of the images; an image whose size cannot be known is dropped.
package struct MeasuredSource: LabelSource {
    package let images: [COCOImage]
    package let findings: [LabelFinding]
    package var categories: [COCOCategory] { source.categories }
    package var imagesDirectory: String? { source.imagesDirectory }
    package var statesImageIDs: Bool { source.statesImageIDs }
    package var statesAreas: Bool { source.statesAreas }
    package var framesAreUpright: Bool { source.framesAreUpright }
    private let source: any LabelSource
    /// By image: its position in the source.
    private let positions: [Int]

    /// - Parameter directory: of the images.
    /// - Throws: failures that are not the data's fault.
    package init(_ source: any LabelSource, directory: String) throws {
        self.source = source
        let all = source.images
        let unknown = all.indices.filter { all[$0].width ?? 0 < 1 || all[$0].height ?? 0 < 1 }
        let sizes = try Workers.map(unknown.count) { number in
            try Self.size(ofImage: unknown[number], in: source, directory: directory)
        }
        var findings = source.findings
        var images: [COCOImage] = []
        var positions: [Int] = []
        var next = 0
        for (position, image) in all.enumerated() {
            var image = image
            if next < unknown.count, unknown[next] == position {
                next += 1
                switch sizes[next - 1] {
                case .success(let size): (image.width, image.height) = (size.width, size.height)
                case .failure(let problem):
                    findings.append(Self.drop(image, problem))
                    continue
                }
            }
            images.append(image)
            positions.append(position)
        }
        self.images = images
        self.positions = positions
        self.findings = findings
    }

    /// Why the size of an image cannot be known.
    private struct Problem: Error {
        let rule: String
        let message: String
    }

    private static func size(
        ofImage index: Int, in source: any LabelSource, directory: String
    ) throws -> Result<(width: Int, height: Int), Problem> {
        let place = ImagePath(source.images[index].fileName, in: directory)
        let path = place.path
        if place.isRefused, try source.encodedImage(at: index) == nil {
            return .failure(Problem(rule: place.rule, message: "\(path): the name \(place.oddity ?? "")"))
        }
        do {
            let header: ImageHeader
            if let held = try source.encodedImage(at: index) {
                header = try ImageCodec.probe(held)
            } else {
                header = try MappedFile(path: path, access: .random).withBytes { bytes throws(ImageError) in
                    try ImageCodec.probe(bytes)
                }
            }
            let isTurned = source.framesAreUpright && header.exifOrientation >= 5
            return .success(isTurned ? (header.height, header.width) : (header.width, header.height))
        } catch let error as FileError {
            return .failure(Problem(rule: ConversionRule.imageMissing, message: "\(path) \(error.message)"))
        } catch {
            guard let damage = SampleDamage(error) else { throw error }
            return .failure(Problem(rule: damage.rule, message: "\(path): \(damage.message)"))
        }
    }

    private static func drop(_ image: COCOImage, _ problem: Problem) -> LabelFinding {
        LabelFinding(
            Finding(
                rule: problem.rule, severity: .error, location: image.location,
                message: problem.message + ", and the labels do not say how large the image is; it is dropped"),
            dropped: .images)
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        try source.annotations(ofImage: positions[index], height: height, width: width, report: report)
    }

    package func encodedImage(at index: Int) throws -> [UInt8]? { try source.encodedImage(at: positions[index]) }

    package func encodedImageBytes(at index: Int) throws -> Int? {
        try source.encodedImageBytes(at: positions[index])
    }

    package func annotationCount(ofImage index: Int) -> Int? { source.annotationCount(ofImage: positions[index]) }
}
