private import JSONText
private import Masks
private import Runtime

extension ShardSample {
    /// No image is larger than this on a side; a shard that says otherwise was not written by samdata.
    private static let maximumSide = 1 << 24

    /// Reads a record that samdata wrote.
    ///
    /// - Throws: `ShardError.content` when a key is missing, has another type, or its values do not fit the others.
    package init(_ example: Example) throws(ShardError) {
        let version = try example.integer(ExampleKey.schemaVersion)
        guard version == Self.schemaVersion else {
            throw Self.failure(
                ExampleKey.schemaVersion, "is \(version); this samdata reads version \(Self.schemaVersion)")
        }
        let width = try Self.side(example, ExampleKey.width)
        let height = try Self.side(example, ExampleKey.height)
        let orientation = try example.integer(ExampleKey.exifOrientation)
        guard (1...8).contains(orientation) else {
            throw Self.failure(ExampleKey.exifOrientation, "is \(orientation), not 1...8")
        }
        self.init(
            imageID: try example.text(ExampleKey.sourceID), fileName: try example.text(ExampleKey.fileName),
            format: try example.text(ExampleKey.format), width: width, height: height,
            exifOrientation: Int(orientation), encoded: try example.oneBytes(ExampleKey.encoded),
            sha256: try example.text(ExampleKey.sha256), objects: [])
        objects = try Self.objects(of: example, width: width, height: height)
        // Records of earlier versions have no such key.
        if example.features[ExampleKey.members] != nil { members = try example.oneBytes(ExampleKey.members) }
    }

    private static func side(_ example: Example, _ key: String) throws(ShardError) -> Int {
        let value = try example.integer(key)
        guard (1...Int64(maximumSide)).contains(value) else { throw failure(key, "is \(value)") }
        return Int(value)
    }

    private static func objects(of example: Example, width: Int, height: Int) throws(ShardError) -> [ShardObject] {
        let masks = try MaskLines.decode(try example.oneBytes(ExampleKey.masks), height: height, width: width)
        let count = masks.count
        let identifiers = try annotationIDs(of: example, count: count)
        let labels = try example.integers(ExampleKey.classLabel, count: count)
        let names = try example.bytes(ExampleKey.classText, count: count)
        let crowds = try example.integers(ExampleKey.isCrowd, count: count)
        let areas = try example.floats(ExampleKey.area, count: count)
        let left = try example.floats(ExampleKey.xMin, count: count)
        let right = try example.floats(ExampleKey.xMax, count: count)
        let top = try example.floats(ExampleKey.yMin, count: count)
        let bottom = try example.floats(ExampleKey.yMax, count: count)
        var objects: [ShardObject] = []
        objects.reserveCapacity(count)
        for index in 0..<count {
            let horizontal = try pixels(left[index], right[index], of: width, key: ExampleKey.xMin)
            let vertical = try pixels(top[index], bottom[index], of: height, key: ExampleKey.yMin)
            guard areas[index].isFinite else { throw failure(ExampleKey.area, "has \(areas[index])") }
            objects.append(
                ShardObject(
                    annotationID: identifiers[index], categoryID: labels[index],
                    categoryName: String(decoding: names[index], as: UTF8.self), isCrowd: crowds[index] != 0,
                    area: Double(areas[index]),
                    box: Box(
                        x: horizontal.start, y: vertical.start, width: horizontal.length, height: vertical.length),
                    mask: masks[index]))
        }
        return objects
    }

    /// A side of a box in pixels, from shares of the image's side.
    private static func pixels(
        _ low: Float, _ high: Float, of size: Int, key: String
    ) throws(ShardError) -> (start: Double, length: Double) {
        guard low >= 0, high <= 1, low <= high else {
            throw failure(key, "and its partner are \(low) and \(high), not 0 <= min <= max <= 1")
        }
        func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
        let start = rounded(Double(low) * Double(size))
        return (start, rounded(rounded(Double(high) * Double(size)) - start))
    }

    private static func annotationIDs(of example: Example, count: Int) throws(ShardError) -> [String] {
        let bytes = try example.oneBytes(ExampleKey.annotationIDs)
        let identifiers: [String]
        do throws(JSONError) {
            identifiers = try bytes.withUnsafeBytes { bytes in
                Result { () throws(JSONError) in try strings(bytes) }
            }.get()
        } catch {
            throw ShardError(
                .content, "\(ExampleKey.annotationIDs) is not a JSON list of strings",
                location: DataLocation(keyPath: ExampleKey.annotationIDs), cause: error)
        }
        guard identifiers.count == count else {
            throw failure(ExampleKey.annotationIDs, "names \(identifiers.count) objects, there are \(count) masks")
        }
        return identifiers
    }

    private static func strings(_ json: UnsafeRawBufferPointer) throws(JSONError) -> [String] {
        var parser = JSONPullParser(json)
        var strings: [String] = []
        try parser.beginArray()
        while try parser.nextElement() { strings.append(try parser.readString()) }
        try parser.finish()
        return strings
    }

    private static func failure(_ key: String, _ message: String) -> ShardError {
        ShardError(.content, "\(key) \(message)", location: DataLocation(keyPath: key))
    }
}
