package import Annotations
private import Images
private import Masks
private import Runtime
internal import Shards

/// TFRecord files with the keys of the TensorFlow Object Detection API, as a source of labels: boxes in parts of the image's
/// size, and a PNG of the whole image for each mask.
package struct TensorFlowSource: LabelSource {
    package let categories: [COCOCategory]
    package private(set) var images: [COCOImage] = []
    package let findings: [LabelFinding]
    private let files: [RecordFile]
    private var places: [(file: Int, record: Int)] = []
    /// By the label's number, and by its text.
    private let idOfLabel: [Int64: COCOIdentifier]
    private let idOfText: [String: COCOIdentifier]

    /// - Parameter path: of a file, or of a directory with some; a `label_map.pbtxt` beside them names the classes.
    /// - Throws: `FileError`, `AnnotationError`; a damaged record is a finding.
    package init(path: String) throws {
        let (root, names) = try Self.names(at: path)
        var findings: [LabelFinding] = []
        var files: [RecordFile] = []
        for name in names {
            do throws(ShardError) {
                files.append(try RecordFile(path: FileSystem.join(root, name)))
            } catch {
                findings.append(
                    Self.finding(
                        LabelRule.unreadable, error.location ?? DataLocation(path: name), error.message, .images))
            }
        }
        let places = files.indices.flatMap { file in (0..<files[file].count).map { (file: file, record: $0) } }
        let opened = files
        let heads = try Workers.map(places.count) { index in
            Result { () throws(ShardError) in try TensorFlowHead(opened[places[index].file], places[index].record) }
        }
        var labels: [Int64: String] = [:]
        var texts: Set<String> = []
        var taken: Set<COCOIdentifier> = []
        for (place, outcome) in zip(places, heads) {
            let location = DataLocation(path: files[place.file].path, record: place.record)
            switch outcome {
            case .failure(let error):
                findings.append(Self.finding(LabelRule.unreadable, error.location ?? location, error.message, .images))
            case .success(let head):
                for (label, text) in head.classes where labels[label, default: ""].isEmpty { labels[label] = text }
                texts.formUnion(head.texts.filter { !$0.isEmpty })
                var id = head.id ?? .integer(Int64(images.count + 1))
                if !taken.insert(id).inserted {
                    var noted = location
                    noted.imageID = id.description
                    let fresh = COCOIdentifier.text(
                        "\(FileSystem.lastComponent(files[place.file].path)):\(place.record)")
                    var finding = Self.finding(
                        LabelRule.duplicateImage, noted,
                        "another record has the source id \(id) already; this one gets \(fresh)", nil)
                    finding.finding.severity = .warning
                    findings.append(finding)
                    id = fresh
                    taken.insert(id)
                }
                self.places.append(place)
                images.append(
                    COCOImage(
                        id: id, fileName: head.fileName ?? "\(id)", width: head.width, height: head.height))
            }
        }
        if let map = try? TensorFlowLabelMap(path: FileSystem.join(root, TensorFlowKey.labelMap)) {
            for entry in map.entries { labels[entry.id] = entry.name }
        }
        // Texts without a number get numbers behind those that are there.
        let known = Set(labels.values)
        var next = (labels.keys.max() ?? 0) + 1
        for text in texts.subtracting(known).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            labels[next] = text
            next += 1
        }
        let sorted = labels.sorted { $0.key < $1.key }
        categories = sorted.map { COCOCategory(id: .integer($0.key), name: $0.value) }
        idOfLabel = Dictionary(uniqueKeysWithValues: sorted.map { ($0.key, COCOIdentifier.integer($0.key)) })
        idOfText = Dictionary(sorted.map { ($0.value, .integer($0.key)) }, uniquingKeysWith: { first, _ in first })
        self.files = files
        self.findings = findings
    }

    private static func names(at path: String) throws -> (root: String, names: [String]) {
        guard FileSystem.isDirectory(path) else {
            return (String(path.dropLast(FileSystem.lastComponent(path).count)), [FileSystem.lastComponent(path)])
        }
        let names = try FileSystem.list(path).filter { name in
            !name.hasPrefix(".")
                && (["tfrecord", "record", "tfrecords"].contains(FileSystem.ending(of: name))
                    || name.contains(".tfrecord-") || name.contains(".record-"))
        }
        guard !names.isEmpty else {
            throw AnnotationError(.structure, at: DataLocation(path: path), "no TFRecord file is in this directory")
        }
        return (path, names)
    }

    private static func finding(
        _ rule: String, _ location: DataLocation, _ message: String, _ dropped: COCOSection?
    ) -> LabelFinding {
        var location = location
        if dropped == .images { location.imageID = location.imageID ?? location.record.map { "record \($0)" } }
        return LabelFinding(
            Finding(
                rule: rule, severity: .error, location: location,
                message: message + (dropped == nil ? "" : "; the record is dropped")), dropped: dropped)
    }

    package func encodedImage(at index: Int) throws -> [UInt8]? {
        try files[places[index].file].example(at: places[index].record).oneBytes(ExampleKey.encoded)
    }

    package func encodedImageBytes(at index: Int) throws -> Int? {
        try files[places[index].file].encodedImageBytes(at: places[index].record)
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        let place = places[index]
        var location = DataLocation(
            path: files[place.file].path, record: place.record, imageID: images[index].id.description)
        func drop(_ rule: String, _ key: String, _ message: String) {
            location.annotationID = key
            report(
                LabelFinding(
                    Finding(rule: rule, severity: .error, location: location, message: message + "; it is dropped"),
                    dropped: .annotations))
        }
        let objects: TensorFlowObjects
        do throws(ShardError) {
            objects = try TensorFlowObjects(files[place.file].example(at: place.record))
        } catch {
            drop(LabelRule.unreadable, "objects", error.message)
            return []
        }
        var annotations: [COCOAnnotation] = []
        for object in 0..<objects.count {
            let key = "object \(object)"
            let category =
                objects.label(object).flatMap { idOfLabel[$0] } ?? objects.text(object).flatMap { idOfText[$0] }
            guard let category else {
                drop(LabelRule.unknownCategory, key, "the object has neither the label nor the text of a class")
                continue
            }
            let box = objects.box(object, height: height, width: width)
            if objects.hasBoxes, box == nil {
                drop(LabelRule.badValue, key, "the box is not 0 <= min <= max <= 1")
                continue
            }
            var segmentation: Segmentation?
            if let png = objects.mask(object) {
                do {
                    let labels = try ImageCodec.decodeLabels(png)
                    guard labels.height == height, labels.width == width else {
                        drop(
                            LabelRule.sizeMismatch, key,
                            "the mask is \(labels.width) x \(labels.height), the image \(width) x \(height)")
                        continue
                    }
                    let mask = RLE(labels.foreground)
                    if !mask.isEmpty {
                        segmentation = .compressed(height: height, width: width, bytes: mask.compressed())
                    }
                } catch {
                    drop(LabelRule.unreadable, key, error.message)
                    continue
                }
            }
            annotations.append(
                COCOAnnotation(
                    id: .integer(Int64(index + 1) * 1_000_000 + Int64(object + 1)), imageID: images[index].id,
                    categoryID: category, segmentation: segmentation, bbox: box, area: objects.area(object),
                    crowdFlag: objects.isCrowd(object)))
        }
        return annotations
    }
}

extension LabelImage {
    /// All above 0, of any colour.
    fileprivate var foreground: Bitmap {
        let pixels = (0..<height * width).map { pixel -> UInt8 in
            (0..<channels).contains { values[pixel * channels + $0] != 0 } ? 1 : 0
        }
        return Bitmap(height: height, width: width, pixels: pixels)
    }
}
