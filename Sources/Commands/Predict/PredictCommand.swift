package import ArgumentParser
private import Images
private import JSONText
private import Masks
private import Runtime
private import SAM
package import Training

/// `samdata predict`: masks for prompts in one image.
package struct PredictCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Segment objects of an image that points, boxes or a rough mask show.",
        discussion: """
            Each --box is one object. Without a box, all points and the mask speak of one object; with one box, of that \
            object. With several boxes, a point speaks of the smallest box around it. A point with ,0 marks background. \
            A single point is ambiguous: of the three masks that the model then offers, the one with the highest \
            predicted IoU is taken.

            Many images, or many objects, are asked about in a file: --prompts p.json, with <image> the folder that the \
            file's names are relative to: {"images": [{"file_name": "a.png", "objects": [{"box": [40, 30, 120, 90]}, \
            {"points": [[80, 60], [130, 60, 0]]}]}]}.

            Coordinates are pixels of the image as stored, from its top left corner; EXIF orientation is not applied.

            -o name.png writes a mask of the image's size: 255 inside and 0 outside for one object; for several, the \
            object's number from 1 (16-bit above 255 objects), where masks overlap that of the better predicted IoU. \
            -o name.json writes COCO annotations with run lengths and scores.

            Examples:
              samdata predict photo.png --weights samples/nuclei/nano.safetensors --box 40,30,120,90 --picture out.png
              samdata predict photo.png --weights out/run --point 80,60 --point 130,60,0 -o mask.png
            """)

    @Argument(help: ArgumentHelp("PNG, JPEG or TIFF; with --prompts the folder of the images.", valueName: "image"))
    package var image: String

    @OptionGroup package var weights: WeightsOptions

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A pixel of the object, or with ,0 of the background.", valueName: "x,y[,1|0]"))
    package var point: [PointArgument] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A box around an object: left, top, right and bottom edge.", valueName: "x0,y0,x1,y1"))
    package var box: [BoxArgument] = []

    @Option(
        help: ArgumentHelp(
            "A rough mask of the object to start from: PNG of the image's size, above 0 inside; or what --logits wrote.",
            valueName: "file"))
    package var mask: String?

    @Option(help: ArgumentHelp("Prompts for many objects and images.", valueName: "file.json"))
    package var prompts: String?

    @Flag(help: "Give all masks that the model offers for a prompt (of most models three), not the best alone.")
    package var multimask = false

    @Flag(help: "With a SAM-HQ model, take the mask of its finer head alone.")
    package var hqTokenOnly = false

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("Write the masks: .png or .json.", valueName: "file"))
    package var output: String?

    @Option(
        help: ArgumentHelp(
            "Write a PNG of the image with masks and prompts drawn on it; with --prompts, a folder of them.",
            valueName: "file"))
    package var picture: String?

    @Option(
        help: ArgumentHelp("Write low-resolution logits and predicted IoUs.", valueName: "file.safetensors"))
    package var logits: String?

    @Option(
        help: ArgumentHelp(
            "Keep encoded images in this folder, and take them from there the next time.", valueName: "dir"))
    package var cache: String?

    @Option(
        help: ArgumentHelp(
            "How weights are kept: f32, or bf16 or f16 in half the memory; with bf16 matrices are multiplied as such where the processor can.",
            valueName: "format"))
    package var precision = Precision.f32

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if prompts != nil {
            guard point.isEmpty, box.isEmpty, mask == nil else {
                throw ValidationError("--prompts says what to segment; --point, --box and --mask do not go with it.")
            }
            if let output, MaskOutput(path: output) == .png {
                throw ValidationError("With --prompts, --output must end in .json, not as in \(output).")
            }
        } else {
            try checkAssignment()
        }
        if let output {
            guard let kind = MaskOutput(path: output) else {
                throw ValidationError("--output must end in .png or .json, not as in \(output).")
            }
            if kind == .png && multimask {
                throw ValidationError(
                    "A PNG holds one mask of each object; with --multimask, --output must end in .json.")
            }
        }
        if let logits, !logits.hasSuffix(".safetensors") {
            throw ValidationError("--logits must end in .safetensors, not as in \(logits).")
        }
    }

    private func checkAssignment() throws(ValidationError) {
        if mask != nil && box.count > 1 {
            throw ValidationError("--mask speaks of one object; there are \(box.count) boxes.")
        }
        if box.count > Int(UInt16.max) { throw ValidationError("At most \(UInt16.max) boxes can be given at once.") }
        _ = try assigned()
    }

    package func run() throws {
        let console = global.activate()
        let requests = try requests()
        try OutputCheck.demand(
            [output, logits, picture],
            areNoneOf: [prompts, mask] + requests.map(\.path)
                + requests.flatMap { $0.objects.map(\.maskPath) })
        // One image is read before the weights, which may take longer.
        let images = requests.count == 1 ? try [readImage(requests[0].path, console)] : []
        var model = try weights.model(console)
        if hqTokenOnly && model.configuration.family != .samHQ {
            console.remark("--hq-token-only has no effect: \(model.configuration.modelName) has no finer head")
        }
        model.hqTokenOnly = hqTokenOnly
        model.narrow(to: precision.format)
        try check(requests, model, known: images.first)
        let cache = try cache.map { try EmbeddingCache(folder: $0, model: model, format: precision.format) }
        var predictor = SAMPredictor(model: model)
        let progress = ProgressReporter("predicting", unit: "images", console: console)
        defer { progress.finish() }
        let pictures = try PredictionPictures(picture, names: prompts == nil ? nil : requests.map(\.name))
        var predictions: [Prediction] = []
        for (index, request) in requests.enumerated() {
            let image = try images.first ?? readImage(request.path, console)
            let prediction = try predict(request, image: image, with: &predictor, cache: cache, console)
            try pictures?.write(prediction, over: image, index: index)
            predictions.append(logits == nil ? prediction.withoutLogits : prediction)
            if requests.count > 1 { progress.update(done: index + 1, total: requests.count) }
        }
        progress.finish()
        let files = try write(predictions, side: model.configuration.lowResSize)
        for prediction in predictions {
            for (index, object) in prediction.objects.enumerated() where object.rle.area == 0 {
                let place = predictions.count == 1 ? "" : "\(prediction.name), "
                console.remark("warning: \(place)object \(index + 1): the model found nothing; its mask is empty")
            }
        }
        let report = PredictionReport(
            weightsPath: weights.weights, modelName: model.configuration.modelName, predictions: predictions,
            files: files)
        console.result(global.json ? report.json.text(pretty: true) : report.text)
    }

    /// What is asked, image by image.
    private func requests() throws -> [PredictionRequest] {
        if let prompts { return try PromptFile.requests(prompts, images: image) }
        return [
            PredictionRequest(path: image, name: FileSystem.lastComponent(image), objects: try assigned())
        ]
    }

    /// The prompts of the command line, object by object.
    private func assigned() throws(ValidationError) -> [PredictionRequest.Object] {
        let objects = try PromptAssignment.objects(
            points: point.map(\.point), boxes: box.map(\.box), hasMask: mask != nil)
        return objects.map { PredictionRequest.Object(points: $0.points, box: $0.box, maskPath: mask) }
    }

    /// - Returns: what was written, by what it holds.
    private func write(_ predictions: [Prediction], side: Int) throws -> [(name: String, path: String)] {
        if let output { try MaskOutput(path: output)?.write(predictions, to: output) }
        if let logits { try LogitsOutput.write(predictions, side: side, to: logits) }
        return [("masks", output), ("logits", logits), ("picture", picture)].compactMap { name, path in
            path.map { (name, $0) }
        }
    }
}
