private import Foundation
internal import Images
private import Masks
internal import Runtime

/// Reads one image's masks, and notes what is wrong with them.
struct MaskSampleReader {
    /// An image's size and its objects in order.
    struct Objects: Sendable {
        let height: Int
        let width: Int
        var objects: [MaskObject] = []
    }

    private(set) var findings: [Finding] = []
    private let root: String
    private let options: MaskFolder.Options

    init(root: String, options: MaskFolder.Options) {
        self.root = root
        self.options = options
    }

    /// The objects of an image; nil when the image itself cannot be read.
    mutating func objects(of sample: MaskSample) -> Objects? {
        guard let header = header(of: sample.image) else { return nil }
        var result = Objects(height: header.height, width: header.width)
        switch sample.source {
        case .objectMasks(let paths):
            for path in paths { addObject(path, to: &result) }
        case .instanceMap(let path): addObjects(ofMap: path, to: &result)
        case .none:
            note(MaskFolderRule.noMask, .warning, sample.image, "the image has no mask; it is kept without objects")
        }
        return result
    }

    private mutating func header(of path: String) -> ImageHeader? {
        do {
            let header = try MappedFile(path: FileSystem.join(root, path)).withBytes { try ImageCodec.probe($0) }
            if header.isTruncated {
                note(MaskFolderRule.truncatedImage, .warning, path, "the image file ends before the image does")
            }
            return header
        } catch {
            note(MaskFolderRule.unreadable, .error, path, "\(Self.reason(error)); the image and its masks are dropped")
            return nil
        }
    }

    /// The values of a mask of the right size; nil, with a finding, for any other.
    ///
    /// - Parameter isMap: each object has its own value, which a JPEG cannot hold: it must be black and white.
    private mutating func labels(_ path: String, for image: Objects, isMap: Bool = false) -> LabelImage? {
        let labels: LabelImage
        do {
            let file = try MappedFile(path: FileSystem.join(root, path))
            if ImageFormat(signatureOf: file.bytes) == .jpeg {
                let picture = try file.withBytes { try ImageCodec.decodeRGB($0) }
                if isMap, !picture.isBlackAndWhite {
                    note(
                        MaskFolderRule.unreadable, .error, path,
                        "is a JPEG, whose values are approximate, of more than black and white: which object a pixel belongs to cannot be known, a PNG is wanted; the mask is dropped"
                    )
                    return nil
                }
                labels = LabelImage(thresholding: picture)
                note(
                    LabelRule.lossyMask, .warning, path,
                    "the mask is a JPEG, whose values are approximate; 128 and above is taken for the object")
            } else {
                labels = try file.withBytes { try ImageCodec.decodeLabels($0) }
            }
        } catch {
            note(MaskFolderRule.unreadable, .error, path, "\(Self.reason(error)); the mask is dropped")
            return nil
        }
        guard labels.height == image.height, labels.width == image.width else {
            note(
                MaskFolderRule.sizeMismatch, .error, path,
                "the mask is \(labels.width) x \(labels.height) pixels, the image \(image.width) x \(image.height); "
                    + "the mask is dropped")
            return nil
        }
        return labels
    }

    // MARK: One mask per object

    private mutating func addObject(_ path: String, to image: inout Objects) {
        guard let labels = labels(path, for: image) else { return }
        let map = InstanceMap(binary: labels)
        noteOddValue(of: map, labels, path)
        add(map, path, to: &image)
    }

    private mutating func noteOddValue(of map: InstanceMap, _ labels: LabelImage, _ path: String) {
        guard let odd = map.oddValue else { return }
        note(
            MaskFolderRule.values, .warning, path,
            "value \(odd) where a mask of one object has 0 and 1, or 0 and \(labels.largestValue); "
                + "all above 0 is taken for the object")
    }

    // MARK: One map per image

    private mutating func addObjects(ofMap path: String, to image: inout Objects) {
        guard let labels = labels(path, for: image, isMap: true) else { return }
        guard var map = InstanceMap(labels) else {
            note(
                MaskFolderRule.tooManyValues, .error, path,
                "more than \(InstanceMap.maximumCount) different values: this is no map of objects; it is dropped")
            return
        }
        if map.isNearlyWhite {
            map = InstanceMap(binary: labels)
            noteOddValue(of: map, labels, path)
        }
        if map.regions.count == 1, map.isOnlyLargestValue {
            note(
                MaskFolderRule.binaryMap, .warning, path,
                "only 0 and \(labels.largestValue): all foreground is taken for one object, as a map gives each object "
                    + "its own value")
        }
        add(map, path, to: &image)
    }

    private mutating func add(_ map: InstanceMap, _ path: String, to image: inout Objects) {
        if map.regions.isEmpty {
            note(MaskFolderRule.empty, .warning, path, "the mask has no foreground; it makes no object")
        }
        for region in map.regions {
            do {
                image.objects.append(
                    try MaskObject(
                        map.bitmap(of: region), x: region.columns.lowerBound, y: region.rows.lowerBound,
                        height: image.height, width: image.width, polygonOverlap: options.polygonOverlap))
            } catch {
                note(MaskFolderRule.unreadable, .error, path, "\(error.message); the object is dropped")
            }
        }
    }

    // MARK: Notes

    /// The message of an error without its place, which the finding states.
    private static func reason(_ error: any Error) -> String {
        (error as? any OperationError)?.message ?? "\(error)"
    }

    private mutating func note(_ rule: String, _ severity: Severity, _ path: String, _ message: String) {
        findings.append(
            Finding(
                rule: rule, severity: severity, location: DataLocation(path: FileSystem.join(root, path)),
                message: message))
    }
}

extension RGBImage {
    /// Whether at most one pixel in twenty is neither dark nor bright, as those at edges are that were compressed.
    fileprivate var isBlackAndWhite: Bool {
        var between = 0
        for at in stride(from: 0, to: pixels.count, by: 3) {
            let brightest = max(pixels[at], pixels[at + 1], pixels[at + 2])
            if (64..<192).contains(brightest) { between += 1 }
        }
        return 20 * between <= height * width
    }
}

extension LabelImage {
    /// 255 where the brightest of red, green and blue is at least 128, 0 elsewhere.
    init(thresholding image: RGBImage) {
        let values = stride(from: 0, to: image.pixels.count, by: 3).map { at -> UInt16 in
            max(image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]) >= 128 ? 255 : 0
        }
        self.init(height: image.height, width: image.width, bitDepth: 8, channels: 1, values: values)
    }

    /// The largest value that a sample can have; of a palette, its last index.
    var largestValue: Int { (1 << bitDepth) - 1 }
}
