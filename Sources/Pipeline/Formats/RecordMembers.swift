internal import Annotations
private import JSONText
internal import Runtime
internal import Shards

/// What the labels say of an image and its objects beyond what a record has keys for, as a record keeps it.
struct RecordMembers {
    var image: [RawMember]
    var objects: [[RawMember]]

    init(image: [RawMember], objects: [[RawMember]]) {
        self.image = image
        self.objects = objects
    }

    /// - Throws: `ShardError.content`.
    init(_ sample: ShardSample) throws(ShardError) {
        try self.init(sample.members)
        if objects.isEmpty { objects = Array(repeating: [], count: sample.objects.count) }
        guard objects.count == sample.objects.count else {
            throw ShardError(
                .content, "\(ExampleKey.members) is of \(objects.count) objects, there are \(sample.objects.count)",
                location: DataLocation(keyPath: ExampleKey.members))
        }
    }

    /// - Parameter text: of a record whose objects are not known; there are none in it where nothing is said of any.
    /// - Throws: `ShardError.content`.
    init(_ text: [UInt8]) throws(ShardError) {
        (image, objects) = ([], [])
        if text == ShardSample.noMembers { return }
        do throws(JSONError) {
            try Self.read(text, &image, &objects)
        } catch {
            throw ShardError(
                .content, "\(ExampleKey.members) is not what samdata writes: \(error.message)",
                location: DataLocation(keyPath: ExampleKey.members), cause: error)
        }
    }

    private static func read(
        _ text: [UInt8], _ image: inout [RawMember], _ objects: inout [[RawMember]]
    ) throws(JSONError) {
        let outcome = text.withUnsafeBytes { bytes in
            Result { () throws(JSONError) in
                var parser = JSONPullParser(bytes)
                var (image, objects) = ([RawMember](), [[RawMember]]())
                try parser.beginObject()
                while let key = try parser.nextKey() {
                    switch parser.name(of: key) {
                    case "image": image = try [RawMember].read(&parser)
                    case "objects":
                        try parser.beginArray()
                        while try parser.nextElement() { objects.append(try [RawMember].read(&parser)) }
                    default: try parser.skipValue()
                    }
                }
                try parser.finish()
                return (image, objects)
            }
        }
        (image, objects) = try outcome.get()
    }

    /// As the record's value.
    var text: [UInt8] {
        let hasObjects = objects.contains { !$0.isEmpty }
        if image.isEmpty, !hasObjects { return ShardSample.noMembers }
        var writer = JSONWriter()
        writer.beginObject()
        if !image.isEmpty {
            writer.key("image")
            image.write(to: &writer)
        }
        if hasObjects {
            writer.key("objects")
            writer.beginArray()
            for object in objects { object.write(to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }
}
