package import Annotations
private import Images
private import Masks
internal import Runtime
internal import Shards

/// Writes TFRecord files with the keys of the TensorFlow Object Detection API, a PNG for each mask among them, and the
/// `label_map.pbtxt`; beside each file the text index `.idx` that NVIDIA DALI reads.
///
/// Every record has every key, each with its typed list. Category ids that are no positive integers, as 0 is background in
/// TensorFlow, are numbered anew behind the others.
package struct TensorFlowWriter: LabelWriter {
    /// Bytes from which a new file is begun.
    private let fileBytes: Int
    private let labels: [COCOIdentifier: (number: Int64, name: String)]
    private var output: String
    private var file: AtomicFileWriter?
    private var index = RecordIndex()
    private var path = ""
    private var files = 0
    private var notes = LabelNotes()

    /// - Throws: `FileError.write`.
    package init(root: String, categories: [COCOCategory], fileBytes: Int = 1_000_000_000) throws {
        self.fileBytes = fileBytes
        output = root
        try FileSystem.createDirectory(root)
        var numbers: [COCOIdentifier: (number: Int64, name: String)] = [:]
        var next = max(0, categories.compactMap(\.id.int64).max() ?? 0)
        var text = ""
        for category in categories where numbers[category.id] == nil {
            var number = category.id.int64 ?? 0
            if number <= 0 {
                next += 1
                number = next
            }
            numbers[category.id] = (number, category.name)
            text += TensorFlowLabelMap.item(id: number, name: category.name)
        }
        labels = numbers
        try AtomicFileWriter.write(text, to: FileSystem.join(root, TensorFlowKey.labelMap))
        notes.files = [TensorFlowKey.labelMap]
    }

    package mutating func write(_ image: LabelledImage) throws -> [ObjectLoss] {
        let known = image.objects.filter { labels[$0.annotation.categoryID] != nil }
        let payload = try example(image, known).encoded()
        if let file, file.count >= fileBytes { try complete() }
        if file == nil {
            let digits = String(files)
            let name = "data-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".tfrecord"
            path = FileSystem.join(output, name)
            file = try AtomicFileWriter(path: path)
            index = RecordIndex()
            files += 1
            notes.files += [name, RecordIndex.path(of: name)]
        }
        let frame = RecordFraming.frame(payload)
        try file?.write(frame)
        index.append(bytes: frame.count)
        return image.objects.filter { labels[$0.annotation.categoryID] == nil }.map {
            ObjectLoss(imageID: image.image.id, annotationID: $0.annotation.id, kind: .object, overlap: 0)
        }
    }

    package mutating func takeNotes() -> LabelNotes {
        defer { notes = LabelNotes() }
        return notes
    }

    package mutating func finish() throws { try complete() }

    /// Completes the file in progress and its index.
    private mutating func complete() throws {
        guard let file else { return }
        try file.commit()
        self.file = nil
        try AtomicFileWriter.write(index.text, to: RecordIndex.path(of: path))
    }

    private func example(_ image: LabelledImage, _ objects: [LabelledObject]) throws -> Example {
        let format = image.encoded.withUnsafeBytes { ImageFormat(signatureOf: $0) }
        let sample = ShardSample(
            imageID: image.image.id.description, fileName: image.image.fileName, format: format?.name ?? "",
            width: image.image.width ?? 0, height: image.image.height ?? 0, exifOrientation: image.exifOrientation,
            encoded: image.encoded,
            objects: objects.map { object in
                let label = labels[object.annotation.categoryID]
                return ShardObject(
                    annotationID: object.annotation.id.description, categoryID: label?.number ?? 0,
                    categoryName: label?.name ?? "", isCrowd: object.annotation.isCrowd,
                    area: object.annotation.area ?? object.coveredArea,
                    box: object.annotation.bbox ?? object.mask.boundingBox, mask: object.mask)
            })
        var example = sample.example()
        // Our own keys would only repeat the masks.
        for key in example.features.keys where key.hasPrefix("samdata/") { example.features[key] = nil }
        example.features[TensorFlowKey.mask] = .bytes(
            try objects.map { object in
                try ImageCodec.encodePNG(
                    gray: object.mask.bitmap().pixels, width: object.mask.width, height: object.mask.height)
            })
        return example
    }
}
