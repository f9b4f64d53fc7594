internal import Masks
internal import Shards

/// The objects of one record: lists side by side, some of which may be missing.
struct TensorFlowObjects {
    let count: Int
    private let edges: [[Float]]
    private let texts: [[UInt8]]
    private let labels: [Int64]
    private let crowds: [Int64]
    private let areas: [Float]
    private let masks: [[UInt8]]

    /// - Throws: `ShardError.content` when lists that must be of one length are not.
    init(_ example: Example) throws(ShardError) {
        func floats(_ key: String) -> [Float] {
            if case .floats(let values)? = example.features[key] { values } else { [] }
        }
        func integers(_ key: String) -> [Int64] {
            if case .integers(let values)? = example.features[key] { values } else { [] }
        }
        func bytes(_ key: String) -> [[UInt8]] {
            if case .bytes(let values)? = example.features[key] { values } else { [] }
        }
        edges = [ExampleKey.xMin, ExampleKey.yMin, ExampleKey.xMax, ExampleKey.yMax].map { floats($0) }
        texts = bytes(ExampleKey.classText)
        labels = integers(ExampleKey.classLabel)
        crowds = integers(ExampleKey.isCrowd)
        areas = floats(ExampleKey.area)
        masks = bytes(TensorFlowKey.mask)
        count = max(edges[0].count, masks.count, labels.count)
        for (key, list) in [
            (ExampleKey.xMin, edges[0].count), (ExampleKey.yMin, edges[1].count), (ExampleKey.xMax, edges[2].count),
            (ExampleKey.yMax, edges[3].count), (ExampleKey.classText, texts.count),
            (ExampleKey.classLabel, labels.count),
            (ExampleKey.isCrowd, crowds.count), (ExampleKey.area, areas.count), (TensorFlowKey.mask, masks.count),
        ] where list != 0 && list != count {
            throw ShardError(.content, "\(key) has \(list) values, there are \(count) objects")
        }
    }

    var hasBoxes: Bool { !edges[0].isEmpty }

    /// The box in pixels, rounded to a thousandth; nil where there is none that is possible.
    func box(_ object: Int, height: Int, width: Int) -> Box? {
        guard edges.allSatisfy({ $0.count == count }) else { return nil }
        let parts = edges.map { Double($0[object]) }
        guard parts.allSatisfy({ $0 >= -0.001 && $0 <= 1.001 }), parts[0] <= parts[2], parts[1] <= parts[3] else {
            return nil
        }
        func pixels(_ part: Double, _ side: Int) -> Double {
            (min(max(part, 0), 1) * Double(side) * 1000).rounded() / 1000
        }
        let (x, y) = (pixels(parts[0], width), pixels(parts[1], height))
        return Box(x: x, y: y, width: pixels(parts[2], width) - x, height: pixels(parts[3], height) - y)
    }

    func label(_ object: Int) -> Int64? { labels.indices.contains(object) ? labels[object] : nil }
    func text(_ object: Int) -> String? {
        texts.indices.contains(object) ? String(decoding: texts[object], as: UTF8.self) : nil
    }
    func mask(_ object: Int) -> [UInt8]? { masks.indices.contains(object) ? masks[object] : nil }
    func isCrowd(_ object: Int) -> Bool { crowds.indices.contains(object) && crowds[object] != 0 }
    func area(_ object: Int) -> Double? {
        guard areas.indices.contains(object), areas[object].isFinite else { return nil }
        return Double(areas[object])
    }
}
