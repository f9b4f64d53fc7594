internal import Annotations
internal import Shards

/// What is needed of a record when a set is opened: its small values, without a copy of image and masks.
struct TensorFlowHead: Sendable {
    let id: COCOIdentifier?
    let fileName: String?
    let width: Int?
    let height: Int?
    /// Texts by label.
    private(set) var classes: [Int64: String] = [:]
    private(set) var texts: Set<String> = []

    /// More objects than this in one record are not looked at.
    private static let maximumObjects = 1 << 20

    /// - Throws: `ShardError` for what is no record, or has no image.
    init(_ file: RecordFile, _ record: Int) throws(ShardError) {
        let head = try file.withPayload(at: record) { payload throws(ShardError) in
            let view = try ExampleView(payload)
            guard let encoded = try view.bytes(ExampleKey.encoded), encoded.count == 1 else {
                throw ShardError(.content, "\(ExampleKey.encoded) is no image")
            }
            func side(_ key: String) throws(ShardError) -> Int? {
                guard let value = try view.integers(key)?.first, (1...1 << 24).contains(value) else { return nil }
                return Int(value)
            }
            let sourceID = try view.text(ExampleKey.sourceID).flatMap { $0.isEmpty ? nil : $0 }
            let number = try view.integers(ExampleKey.sourceID)?.first
            let fileName = try view.text(ExampleKey.fileName).flatMap { $0.isEmpty ? nil : $0 }
            let texts = try view.bytes(ExampleKey.classText) ?? []
            let labels = try view.integers(ExampleKey.classLabel, limit: Self.maximumObjects) ?? []
            return (
                sourceID: sourceID, number: number, fileName: fileName, width: try side(ExampleKey.width),
                height: try side(ExampleKey.height), texts: texts.map { String(decoding: $0, as: UTF8.self) },
                labels: labels
            )
        }
        if let text = head.sourceID {
            id = Int64(text).map { .integer($0) } ?? .text(text)
        } else {
            id = head.number.map { .integer($0) }
        }
        (fileName, width, height) = (head.fileName, head.width, head.height)
        texts = Set(head.texts)
        for (at, label) in head.labels.enumerated() {
            let text = head.texts.indices.contains(at) ? head.texts[at] : classes[label] ?? ""
            // 0 is background: without a name it is no class.
            if label > 0 || !text.isEmpty { classes[label] = text }
        }
        // A text that has a number is that number's.
        if head.labels.count == head.texts.count { texts = [] }
    }
}
