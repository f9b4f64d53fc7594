package import JSONText
package import Runtime

extension Finding {
    /// What is wrong with a record of shards: rule, file, offset, record, image and message.
    package var recordJSON: JSONValue {
        func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return [
            "rule": .string(rule), "file": text(location.path), "offset": number(location.byteOffset),
            "record": number(location.record), "image_id": text(location.imageID), "message": .string(message),
        ]
    }
}
