internal import Annotations
internal import Images
private import JSONText
internal import Pipeline
internal import Runtime
internal import SAM

/// One run over all images: segments those that are not in the journal yet, then writes the output from it.
struct SegmentRun {
    let input: SegmentInput
    let output: SegmentOutput
    let journal: SegmentJournal
    let dropPolicy: ConversionOptions.DropPolicy
    /// Masks that are kept of an image, the best ones; nil for all.
    let maxMasks: Int?
    /// Folder for pictures, or nil.
    let pictures: String?

    /// What a run has done.
    struct Outcome {
        /// Images in the output.
        var images = 0
        var masks = 0
        /// Images that were finished before.
        var resumed = 0
        var findings: [Finding] = []
        /// Whether the output is written; false when the run was interrupted.
        var isComplete = false
        /// Time spent on the images of this run.
        var seconds = 0.0
    }

    /// What a finished output holds, if it is that of this run.
    ///
    /// - Throws: `SegmentError.otherRun` when it is of other images or settings, or when a journal is of other settings.
    func finishedBefore() throws -> Outcome? {
        if journal.exists { return nil }
        func otherRun(_ what: String) -> SegmentError {
            SegmentError(
                .otherRun, "cannot resume: \(what) was made of other images, weights or options; --force begins anew",
                path: output.path)
        }
        guard try journal.names().isEmpty else { throw otherRun("the unfinished work") }
        guard let finished = try output.finished() else {
            guard FileSystem.exists(output.path), output.format == .coco else { return nil }
            throw SegmentError(
                .otherRun, "cannot resume: the file was not written by samdata segment; --force replaces it",
                path: output.path)
        }
        var digests: [String: String] = [:]
        let dropped = Set(finished.findings.filter { $0.severity == .error }.compactMap(\.location.path))
        for name in input.names where !dropped.contains(input.path(name)) { digests[name] = digest(of: name) }
        guard finished.fingerprint == journal.fingerprint, finished.images == digests else { throw otherRun("it") }
        return Outcome(
            images: digests.count, masks: finished.masks, resumed: input.names.count, findings: finished.findings,
            isComplete: true)
    }

    /// - Parameters:
    ///   - segmenter: finds the masks.
    ///   - shouldStop: asked now and then; finished images are kept when it says yes.
    ///   - progress: told the images done, and the masks found so far.
    /// - Throws: `SegmentError.dropped` under `--on-error fail`, `.noImages` when no image can be used, and failures of
    ///   reading and writing.
    func run(
        _ segmenter: inout some ImageSegmenter, shouldStop: () -> Bool, progress: (_ done: Int, _ masks: Int) -> Void
    ) throws -> Outcome {
        try journal.begin()
        if output.format == .sa1b { try FileSystem.createDirectory(output.path) }
        if let pictures { try FileSystem.createDirectory(pictures) }
        let start = ContinuousClock.now
        let files = input.stems(ending: ".json")
        let pictureFiles = input.stems(ending: ".png")
        var outcome = Outcome()
        var images: [COCOImage] = []
        var positions: [Int] = []
        for (index, name) in input.names.enumerated() {
            if shouldStop() { break }
            let digest = digest(of: name)
            var entry = journal.entry(name, digest: digest)
            if let image = entry?.image, image.id != .integer(Int64(index + 1)) { entry = nil }
            if entry == nil {
                guard let found = try segment(index, digest: digest, &segmenter, shouldStop, pictureFiles[index]) else {
                    break
                }
                try output.write(found, name: files[index])
                try journal.store(found, name: name, digest: digest)
                entry = found
            } else {
                outcome.resumed += 1
                if let entry {
                    try output.write(entry, name: files[index])
                    try drawMissing(entry, name: name, file: pictureFiles[index])
                }
            }
            if let image = entry?.image {
                images.append(image)
                positions.append(index)
            }
            outcome.masks += entry?.annotations.count ?? 0
            outcome.findings += entry?.findings ?? []
            outcome.images = images.count
            progress(index + 1, outcome.masks)
            outcome.isComplete = index + 1 == input.names.count
        }
        outcome.seconds = start.secondsSince
        guard outcome.isComplete else { return outcome }
        guard !images.isEmpty else {
            try journal.removeAll()
            let first = outcome.findings.first.map { "; the first finding: \($0)" } ?? ""
            throw SegmentError(.noImages, "no image can be used" + first, path: input.directory)
        }
        try output.finish(
            images: images, findings: outcome.findings, fingerprint: journal.fingerprint, masks: outcome.masks
        ) { part in
            let name = input.names[positions[part]]
            guard let entry = journal.entry(name, digest: digest(ofKept: images[part])) else {
                throw FileError(
                    .read, path: input.path(name), "its entry in the journal has vanished; run again with --resume")
            }
            return entry.annotations
        }
        try journal.removeAll()
        return outcome
    }

    /// The digest of an image's file, or what stands for it when the file cannot be read.
    private func digest(of name: String) -> String {
        guard let file = try? MappedFile(path: input.path(name)) else { return "unreadable" }
        return file.withBytes { SHA256Digest.hex($0) }
    }

    private func digest(ofKept image: COCOImage) -> String {
        (try? image.extra[SegmentedImage.digestName]?.parsed().string) ?? ""
    }

    private func draw(_ annotations: [COCOAnnotation], over pixels: RGBImage, file: String) throws {
        guard let pictures else { return }
        let picture = try SegmentPicture.draw(annotations, over: pixels)
        try AtomicFileWriter.write(ImageCodec.encodePNG(picture), to: FileSystem.join(pictures, file))
    }

    /// Draws the picture of an image that was finished by a run which wanted none.
    private func drawMissing(_ entry: SegmentedImage, name: String, file: String) throws {
        guard let pictures, entry.image != nil, !FileSystem.exists(FileSystem.join(pictures, file)) else { return }
        try draw(
            entry.annotations, over: ImageCodec.decodeRGB(FileSystem.read(input.path(name))), file: file)
    }

    /// Segments one image; nil when the work was ended.
    private func segment(
        _ index: Int, digest: String, _ segmenter: inout some ImageSegmenter, _ shouldStop: () -> Bool,
        _ pictureFile: String
    ) throws -> SegmentedImage? {
        let name = input.names[index]
        let path = input.path(name)
        let location = DataLocation(path: path)
        var findings: [Finding] = []
        let pixels: RGBImage
        do {
            let bytes = try FileSystem.read(path)
            let header = try ImageCodec.probe(bytes)
            if header.exifOrientation != 1 {
                findings.append(
                    Finding(
                        rule: ConversionRule.imageOrientation, severity: .warning, location: location,
                        message:
                            "EXIF orientation \(header.exifOrientation) is not applied; masks are in the frame of the stored pixels"
                    ))
            }
            pixels = try ImageCodec.decodeRGB(bytes)
        } catch let error as any OperationError where error.kind == .badInput || error.kind == .inputMissing {
            let rule = (error as? ImageError)?.rule ?? ConversionRule.imageMissing
            let drop = Finding(
                rule: rule, severity: .error, location: location, message: error.message + "; the image is dropped")
            if dropPolicy == .fail {
                throw SegmentError(
                    .dropped, "\(error.message) [\(rule)]; --on-error fail stops at the first", path: path)
            }
            return SegmentedImage(image: nil, annotations: [], findings: findings + [drop])
        }
        guard var masks = try segmenter.masks(of: pixels, shouldStop: shouldStop) else { return nil }
        if let maxMasks { masks = Array(masks.prefix(maxMasks)) }
        let id = COCOIdentifier.integer(Int64(index + 1))
        let annotations = SegmentedImage.annotations(masks, imageID: id)
        try draw(annotations, over: pixels, file: pictureFile)
        let image = COCOImage(
            id: id, fileName: name, width: pixels.width, height: pixels.height,
            extra: [RawMember(SegmentedImage.digestName, .string(digest))])
        return SegmentedImage(image: image, annotations: annotations, findings: findings)
    }
}
