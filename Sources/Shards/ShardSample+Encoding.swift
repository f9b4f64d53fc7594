private import JSONText
private import Masks
private import Runtime

extension ShardSample {
    /// The record of this sample.
    ///
    /// Every record has the same keys, each with its typed list even where that is empty: readers outside TensorFlow
    /// fail on an absent key, and on a feature without a list.
    package func example() -> Example {
        precondition(width > 0 && height > 0, "an image of \(width) x \(height)")
        func text(_ value: String) -> Example.Feature { .bytes([Array(value.utf8)]) }
        func integer(_ value: Int) -> Example.Feature { .integers([Int64(value)]) }
        func shares(of size: Int, _ edge: (Box) -> Double) -> Example.Feature {
            .floats(objects.map { Float(min(max(edge($0.box) / Double(size), 0), 1)) })
        }
        return Example(features: [
            ExampleKey.encoded: .bytes([encoded]),
            ExampleKey.format: text(format),
            ExampleKey.height: integer(height),
            ExampleKey.width: integer(width),
            ExampleKey.fileName: text(fileName),
            ExampleKey.sourceID: text(imageID),
            ExampleKey.sha256: text(sha256),
            ExampleKey.xMin: shares(of: width, \.x),
            ExampleKey.xMax: shares(of: width, \.maxX),
            ExampleKey.yMin: shares(of: height, \.y),
            ExampleKey.yMax: shares(of: height, \.maxY),
            ExampleKey.classText: .bytes(objects.map { Array($0.categoryName.utf8) }),
            ExampleKey.classLabel: .integers(objects.map(\.categoryID)),
            ExampleKey.isCrowd: .integers(objects.map { $0.isCrowd ? 1 : 0 }),
            ExampleKey.area: .floats(objects.map { Float($0.area) }),
            ExampleKey.masks: .bytes([MaskLines.encode(height: height, width: width, masks: objects.map(\.mask))]),
            ExampleKey.annotationIDs: text(JSONValue.array(objects.map { .string($0.annotationID) }).text()),
            ExampleKey.members: .bytes([members]),
            ExampleKey.exifOrientation: integer(exifOrientation),
            ExampleKey.schemaVersion: integer(Self.schemaVersion),
        ])
    }
}
