import Masks
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct ShardSampleTests {
    static func roundTrip(_ sample: ShardSample) throws -> ShardSample {
        try sample.example().encoded().withUnsafeBytes { try ShardSample(Example(decoding: $0)) }
    }

    @Test(arguments: [0, 1, 2, 3, 30])
    func survivesARecord(objects: Int) throws {
        let sample = try SampleShapes.sample(objects, objects: objects)
        #expect(try Self.roundTrip(sample) == sample)
    }

    /// Readers outside TensorFlow need the same keys in every record, and one value of each bytes key.
    @Test func everyRecordHasTheSameKeysAndTypes() throws {
        let empty = try SampleShapes.sample(0, objects: 0).example().features
        let full = try SampleShapes.sample(1, objects: 3).example().features
        #expect(Set(empty.keys) == Set(full.keys))
        for (key, feature) in full {
            switch (feature, empty[key]) {
            case (.bytes(let many), .bytes(let none)):
                if key == ExampleKey.classText { continue }
                #expect(many.count == 1 && none.count == 1, "\(key)")
                #expect(none.first?.isEmpty == false, "\(key)")
            case (.floats, .floats), (.integers, .integers): break
            default: Issue.record("\(key) changes its type")
            }
        }
    }

    /// Coordinates of three decimals come back exactly; they pass through 32-bit floats.
    @Test(arguments: [100, 640, 4096, 8000])
    func boxesComeBackExactly(size: Int) throws {
        var random = CounterRandom(seed: 3, sample: UInt64(size), purpose: RandomPurpose("boxes"))
        var sample = try SampleShapes.sample(0, objects: 0)
        (sample.width, sample.height) = (size, size - 7)
        let mask = try RLE(height: sample.height, width: sample.width)
        sample.objects = (0..<200).map { index in
            func thousandths(_ limit: Int) -> Double { Double(random.index(below: limit * 1000 + 1)) / 1000 }
            let x = thousandths(size)
            let y = thousandths(size - 7)
            let right = max(x, thousandths(size))
            let bottom = max(y, thousandths(size - 7))
            func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
            return ShardObject(
                annotationID: "\(index)", categoryID: 1, categoryName: "a", isCrowd: false, area: 1,
                box: Box(x: x, y: y, width: rounded(right - x), height: rounded(bottom - y)), mask: mask)
        }
        #expect(try Self.roundTrip(sample).objects == sample.objects)
    }

    @Test func masksAreLinesOfText() throws {
        let ring = [1.0, 1, 5, 1, 5, 4, 1, 4]
        let masks = [try RLE(height: 6, width: 9, polygons: [ring]), try RLE(height: 6, width: 9)]
        let bytes = MaskLines.encode(height: 6, width: 9, masks: masks)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "6 9\n\(masks[0].compressedString)\n\(masks[1].compressedString)\n")
        #expect(try MaskLines.decode(bytes, height: 6, width: 9) == masks)
        #expect(try MaskLines.decode(Array("6 9\n".utf8), height: 6, width: 9).isEmpty)
    }

    @Test(arguments: ["", "6 9", "9 6\n", "6 9\nx", "6 9\n\n", "6 9\n~\n", "6 9\n11\n", "6 9 \n", "\n", "6 9\nf1\n\n"])
    func malformedMasksAreNamed(text: String) throws {
        let error = #expect(throws: ShardError.self) { try MaskLines.decode(Array(text.utf8), height: 6, width: 9) }
        #expect(error?.code == .content)
        #expect(error?.location?.keyPath == ExampleKey.masks)
    }

    static let defects: [(String, Example.Feature?)] = [
        (ExampleKey.encoded, nil), (ExampleKey.encoded, .bytes([])), (ExampleKey.encoded, .bytes([[1], [2]])),
        (ExampleKey.encoded, .integers([1])), (ExampleKey.height, .integers([0])), (ExampleKey.height, .integers([-5])),
        (ExampleKey.width, .integers([1 << 40])), (ExampleKey.width, .integers([])),
        (ExampleKey.fileName, .bytes([[0xff]])), (ExampleKey.xMin, .floats([])),
        (ExampleKey.xMin, .floats([.nan, 0, 0])),
        (ExampleKey.xMax, .floats([2, 2, 2])), (ExampleKey.yMin, .floats([1, 1, 1])),
        (ExampleKey.yMax, .floats([-1, -1, -1])), (ExampleKey.classLabel, .integers([1])),
        (ExampleKey.classText, .bytes([])), (ExampleKey.isCrowd, nil), (ExampleKey.area, .floats([.infinity, 1, 1])),
        (ExampleKey.masks, .bytes([[]])), (ExampleKey.annotationIDs, .bytes([Array("[]".utf8)])),
        (ExampleKey.annotationIDs, .bytes([Array("[1,2,3]".utf8)])),
        (ExampleKey.annotationIDs, .bytes([Array("[\"1\"".utf8)])),
        (ExampleKey.exifOrientation, .integers([9])), (ExampleKey.schemaVersion, .integers([2])),
        (ExampleKey.schemaVersion, nil),
    ]

    @Test(arguments: defects.indices)
    func recordThatIsNotOursIsNamed(defect: Int) throws {
        var example = try SampleShapes.sample(1, objects: 3).example()
        example.features[Self.defects[defect].0] = Self.defects[defect].1
        let error = #expect(throws: ShardError.self) { try ShardSample(example) }
        #expect(error?.code == .content)
        #expect(error?.message.contains("/") == true || error?.message.contains("schema_version") == true)
    }
}

extension ShardSampleTests {
    /// What the labels say besides is a value of its own; records of earlier versions have none.
    @Test func membersAreOptional() throws {
        var sample = try SampleShapes.sample(1, objects: 2)
        sample.members = Array(#"{"image":{"a":1},"objects":[{},{"b":[2]}]}"#.utf8)
        #expect(try Self.roundTrip(sample) == sample)
        var old = sample.example()
        old.features[ExampleKey.members] = nil
        let read = try old.encoded().withUnsafeBytes { try ShardSample(Example(decoding: $0)) }
        #expect(read.members == ShardSample.noMembers && read.objects == sample.objects)
        old.features[ExampleKey.members] = .integers([1])
        #expect(throws: ShardError.self) {
            try old.encoded().withUnsafeBytes { try ShardSample(Example(decoding: $0)) }
        }
    }
}
