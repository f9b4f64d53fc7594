internal import Images
private import Masks
internal import Runtime
internal import SAM

extension PredictCommand {
    /// Demands that every prompt is about a place in its image and of a kind that the model knows, before the first image
    /// is encoded.
    ///
    /// - Parameter known: the only image, where it was read already; of others the header is read.
    func check(_ requests: [PredictionRequest], _ model: SAMModel, known: RGBImage?) throws {
        for (number, request) in requests.enumerated() {
            let (height, width) = try known.map { ($0.height, $0.width) } ?? Self.size(request.path)
            for (index, object) in request.objects.enumerated() {
                // A mask is known by its file only, so far.
                let prompt = Prompt(points: object.points, box: object.box, mask: object.maskPath == nil ? nil : [])
                do throws(SAMError) {
                    try prompt.validate(height: height, width: width)
                    try model.check(prompt)
                } catch {
                    guard let prompts else { throw error }
                    throw PredictError(
                        .prompts, "images[\(number)].objects[\(index)]: \(error.message)", path: prompts)
                }
            }
        }
    }

    private static func size(_ path: String) throws -> (height: Int, width: Int) {
        let bytes = try FileSystem.read(path)
        do throws(ImageError) {
            let header = try ImageCodec.probe(bytes)
            return (header.height, header.width)
        } catch {
            throw error.located(at: path)
        }
    }

    /// The masks for what is asked about an image.
    ///
    /// - Throws: failures of reading masks and of the cache; `SAMError` of the model's answer.
    func predict(
        _ request: PredictionRequest, image: RGBImage, with predictor: inout SAMPredictor, cache: EmbeddingCache?,
        _ console: Console
    ) throws -> Prediction {
        let prompts = try request.objects.map { object in
            Prompt(
                points: object.points, box: object.box,
                mask: try object.maskPath.map {
                    try RoughMask.logits($0, image: image, preprocessing: predictor.preprocessing)
                })
        }
        try setImage(image, of: &predictor, cache: cache, console)
        let masks =
            multimask
            ? try predictor.predict(prompts, multimaskOutput: true) : try predictor.predictBest(prompts).map { [$0] }
        return Prediction(
            path: request.path, name: request.name, height: image.height, width: image.width,
            objects: zip(prompts, masks).map { Prediction.Object(prompt: $0, masks: $1) })
    }

    private func setImage(
        _ image: RGBImage, of predictor: inout SAMPredictor, cache: EmbeddingCache?, _ console: Console
    ) throws {
        guard let cache else { return predictor.setImage(image) }
        let current = predictor
        let (features, outcome) = try cache.features(of: image) { current.features(of: image) }
        if case .replaced(let reason) = outcome {
            console.remark("a file of the cache could not be used and was written anew: \(reason)")
        }
        predictor.setImage(
            SAMPredictor.EncodedImage(
                frame: predictor.preprocessing.frame(height: image.height, width: image.width), features: features))
    }

    /// An image's pixels as stored; another orientation in its EXIF is remarked.
    func readImage(_ path: String, _ console: Console) throws -> RGBImage {
        let bytes = try FileSystem.read(path)
        do throws(ImageError) {
            let header = try ImageCodec.probe(bytes)
            if header.exifOrientation != 1 {
                console.remark(
                    "\(path): EXIF orientation \(header.exifOrientation); coordinates are those of the pixels as stored"
                )
            }
            return try ImageCodec.decodeRGB(bytes)
        } catch {
            throw error.located(at: path)
        }
    }
}
