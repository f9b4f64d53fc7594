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

            Coordinates are pixels of the image as stored, from its top left corner; EXIF orientation is not applied.

            -o name.png writes a mask of the image's size: 255 inside and 0 outside for one object; for several, the \
            object's number from 1 (16-bit above 255 objects), where masks overlap that of the better predicted IoU. \
            -o name.json writes COCO annotations with run lengths and scores.

            Examples:
              samdata predict photo.png --weights samples/nuclei/nano.safetensors --box 40,30,120,90 --picture out.png
              samdata predict photo.png --weights out/run --point 80,60 --point 130,60,0 -o mask.png
            """)

    @Argument(help: ArgumentHelp("PNG or JPEG.", valueName: "image"))
    package var image: String

    @Option(
        help: ArgumentHelp(
            "Weights: a .safetensors file, a checkpoint's folder, or a training run (its best checkpoint).",
            valueName: "file"))
    package var weights: String

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
            "A rough mask of the object to start from: PNG of the image's size, above 0 inside.", valueName: "file"))
    package var mask: String?

    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("Write the masks: .png or .json.", valueName: "file"))
    package var output: String?

    @Option(help: ArgumentHelp("Write a PNG of the image with masks and prompts drawn on it.", valueName: "file"))
    package var picture: String?

    @Option(help: ArgumentHelp("How weights are kept: f32, or bf16 or f16 in half the memory.", valueName: "format"))
    package var precision = Precision.f32

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if mask == nil || box.count > 1 { _ = try objects(mask: nil) }
        if mask != nil && box.count > 1 {
            throw ValidationError("--mask speaks of one object; there are \(box.count) boxes.")
        }
        if box.count > Int(UInt16.max) { throw ValidationError("At most \(UInt16.max) boxes can be given at once.") }
        if let output, MaskOutput(path: output) == nil {
            throw ValidationError("--output must end in .png or .json, not as in \(output).")
        }
    }

    package func run() throws {
        let console = global.activate()
        let pixels = try readImage(console)
        let model = try SAMCheckpoint.read(weights)
        model.narrow(to: precision.format)
        var predictor = SAMPredictor(model: model)
        let frame = predictor.preprocessing.frame(height: pixels.height, width: pixels.width)
        let rough = try mask.map { path in
            predictor.preprocessing.maskPrompt(try Self.readMask(path, for: pixels), frame: frame)
        }
        let objects = try objects(mask: rough)
        for object in objects { try object.validate(height: pixels.height, width: pixels.width) }
        predictor.setImage(pixels)
        let prediction = Prediction(
            imagePath: image, weightsPath: weights, modelName: model.configuration.modelName, image: pixels,
            objects: zip(objects, try predictor.predictBest(objects)).map { Prediction.Object(prompt: $0, mask: $1) })
        if let output { try MaskOutput(path: output)?.write(prediction, to: output) }
        if let picture { try AtomicFileWriter.write(ImageCodec.encodePNG(prediction.picture()), to: picture) }
        for (index, object) in prediction.objects.enumerated() where object.rle.area == 0 {
            console.remark("object \(index + 1): the model found nothing; its mask is empty")
        }
        let files = [("masks", output), ("picture", picture)].compactMap { name, path in path.map { (name, $0) } }
        console.result(global.json ? prediction.json(files: files).text(pretty: true) : prediction.text(files: files))
    }

    private func objects(mask: [Float]?) throws(ValidationError) -> [Prompt] {
        try PromptAssignment.objects(points: point.map(\.point), boxes: box.map(\.box), mask: mask)
    }

    private func readImage(_ console: Console) throws -> RGBImage {
        let bytes = try FileSystem.read(image)
        do throws(ImageError) {
            let header = try ImageCodec.probe(bytes)
            if header.exifOrientation != 1 {
                console.remark(
                    "\(image): EXIF orientation \(header.exifOrientation); coordinates are those of the pixels as stored"
                )
            }
            return try ImageCodec.decodeRGB(bytes)
        } catch {
            throw error.located(at: image)
        }
    }

    private static func readMask(_ path: String, for image: RGBImage) throws -> Bitmap {
        let labels: LabelImage
        let bytes = try FileSystem.read(path)
        do throws(ImageError) {
            labels = try ImageCodec.decodeLabels(bytes)
        } catch {
            throw error.located(at: path)
        }
        guard labels.height == image.height, labels.width == image.width else {
            throw PredictError(
                .maskSize,
                "the mask is \(labels.width) x \(labels.height) pixels; the image is \(image.width) x \(image.height)",
                path: path)
        }
        // Of a colour image, any channel above 0 counts.
        let pixels = (0..<labels.height * labels.width).map { pixel -> UInt8 in
            let values = labels.values[pixel * labels.channels..<(pixel + 1) * labels.channels]
            return values.contains { $0 > 0 } ? 1 : 0
        }
        guard pixels.contains(1) else {
            throw PredictError(.emptyMask, "the mask has no pixel above 0, so it shows no object", path: path)
        }
        return Bitmap(height: labels.height, width: labels.width, pixels: pixels)
    }
}
