private import Annotations
private import Images
private import JSONText
private import Masks
private import Runtime
private import SAM

/// How `-o` writes masks, told by the file's name.
enum MaskOutput {
    /// One mask, or a map of object numbers.
    case png
    /// COCO annotations.
    case json

    init?(path: String) {
        switch path.lowercased().split(separator: ".").last {
        case "png": self = .png
        case "json": self = .json
        default: return nil
        }
    }

    /// - Throws: `FileError.write`.
    func write(_ predictions: [Prediction], to path: String) throws {
        switch self {
        case .png: try AtomicFileWriter.write(Self.labelImage(predictions[0]), to: path)
        case .json: try COCOWriter.write(Self.dataset(predictions), to: path)
        }
    }

    /// 255 inside of one object; with several the object's number, the best predicted one on top.
    private static func labelImage(_ prediction: Prediction) throws -> [UInt8] {
        let (height, width) = (prediction.height, prediction.width)
        let objects = prediction.objects
        if objects.count == 1 {
            let values = objects[0].mask.bitmap.pixels.map { $0 == 0 ? 0 : 255 as UInt8 }
            return try ImageCodec.encodePNG(gray: values, width: width, height: height, bitDepth: 8)
        }
        var numbers = [UInt16](repeating: 0, count: height * width)
        let order = objects.indices.sorted { objects[$0].mask.iouPrediction < objects[$1].mask.iouPrediction }
        for index in order {
            for (pixel, value) in objects[index].mask.bitmap.pixels.enumerated() where value != 0 {
                numbers[pixel] = UInt16(index + 1)
            }
        }
        if objects.count > 255 { return try ImageCodec.encodePNG(gray16: numbers, width: width, height: height) }
        return try ImageCodec.encodePNG(
            gray: numbers.map { UInt8($0) }, width: width, height: height, bitDepth: 8)
    }

    /// One category; an annotation for each mask, with its predicted IoU as `score`, and of several masks of an object its
    /// number among them.
    private static func dataset(_ predictions: [Prediction]) -> COCODataset {
        var images: [COCOImage] = []
        var annotations: [COCOAnnotation] = []
        for prediction in predictions {
            let (height, width) = (prediction.height, prediction.width)
            let imageID = COCOIdentifier.integer(Int64(images.count + 1))
            images.append(COCOImage(id: imageID, fileName: prediction.name, width: width, height: height))
            for object in prediction.objects {
                for (number, mask) in object.masks.enumerated() {
                    var extra = [RawMember("score", .number(Double(mask.iouPrediction)))]
                    if object.masks.count > 1 { extra.append(RawMember("mask_index", .integer(Int64(number)))) }
                    annotations.append(
                        COCOAnnotation(
                            id: .integer(Int64(annotations.count + 1)), imageID: imageID, categoryID: .integer(1),
                            segmentation: .compressed(height: height, width: width, bytes: mask.rle.compressed()),
                            bbox: mask.rle.boundingBox, area: Double(mask.rle.area), crowdFlag: false, extra: extra))
                }
            }
        }
        return COCODataset(
            images: images, annotations: annotations, categories: [COCOCategory(id: .integer(1), name: "object")])
    }
}
