private import Annotations
internal import Audit
private import Images
private import Pipeline
private import Runtime
private import SAM

/// What the objects of the input are held against.
extension AuditCommand {
    private func open(_ path: String, _ format: LabelFormat) throws -> any LabelSource {
        try OpenedSource(format: format, path: path, readOptions: LabelReadOptions(), keepsImageMembers: false).open()
    }

    /// The input as labels that are read image by image.
    private func labels(_ input: String) throws -> any LabelSource {
        try open(input, Self.isShards(input) ? .shards : .coco)
    }

    /// The model that the objects are held against.
    func modelAudit(_ input: String, _ console: Console) throws -> ModelAudit? {
        guard let model else { return nil }
        let predictor = SAMPredictor(model: try modelInput.model(model, console))
        let labels = try labels(input)
        let directory = try images ?? ImageFolder(of: labels, at: input, allowsOutside: outsideImages).path
        let names = ImageNames(directory: directory)
        return ModelAudit(
            labels: labels, minimum: minIou ?? 0.85,
            image: { index in
                let held = try labels.encodedImage(at: index)
                let name = labels.images[index].fileName
                let file = ImagePath(name, in: directory, among: names, allowsOutside: outsideImages)
                if held == nil, file.isRefused {
                    throw FileError(
                        .missing, path: file.path,
                        "was not opened: the name \(file.oddity ?? "") (see --outside-images)")
                }
                let bytes = try held ?? FileSystem.read(file.path)
                do throws(ImageError) {
                    let image = try ImageCodec.decodeRGB(bytes)
                    return labels.framesAreUpright
                        ? image.oriented(exif: try ImageCodec.probe(bytes).exifOrientation) : image
                } catch {
                    // An image inside a shard is no file: its record is where to look.
                    var located = error
                    located.location = held == nil ? DataLocation(path: file.path) : labels.images[index].location
                    throw located
                }
            },
            ask: { image, boxes in
                var predictor = predictor
                predictor.setImage(image)
                return try predictor.predictBest(boxes.map { Prompt(box: $0) }).map {
                    ModelAudit.Answer(mask: $0.rle, confidence: Double($0.iouPrediction))
                }
            })
    }

    /// What the objects are held against.
    func agreement(_ input: String) throws -> AgreementAudit? {
        guard let against else { return nil }
        let first = try labels(input)
        let second: any LabelSource
        if let format = try LabelFormat.detect(against) {
            guard minScore == nil else {
                throw PipelineError(
                    .comparison, "--min-score is for a list of results; this is \(format.title)",
                    location: DataLocation(path: against))
            }
            second = try open(against, format)
        } else if try ResultsSource.isResultsList(against) {
            second = try ResultsSource(path: against, of: first, minimumScore: minScore ?? 0.5)
        } else {
            throw PipelineError(
                .comparison, "--against: this is neither labels in a format that convert reads nor a list of results",
                location: DataLocation(path: against))
        }
        return AgreementAudit(first: first, second: second, name: against, minimum: minIou ?? 0.85)
    }
}
