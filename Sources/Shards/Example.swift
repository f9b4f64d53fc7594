/// A `tf.train.Example`: typed lists by name; `schemas/example.proto` has the message.
///
/// swift-protobuf would add a minute to every clean build for this one fixed message, so its few lines of wire format
/// are written here by hand, and the reader trusts nothing.
package struct Example: Sendable, Hashable {
    /// A list of values of one type, possibly empty.
    package enum Feature: Sendable, Hashable {
        case bytes([[UInt8]])
        case floats([Float])
        case integers([Int64])
    }

    /// The lists by key; a key without a typed list is left out.
    package var features: [String: Feature]

    package init(features: [String: Feature] = [:]) { self.features = features }
}

/// Field numbers of `schemas/example.proto`.
enum ExampleField {
    static let features: UInt8 = 1
    static let entry: UInt8 = 1
    static let key: UInt8 = 1
    static let value: UInt8 = 2
    static let bytesList: UInt8 = 1
    static let floatList: UInt8 = 2
    static let integerList: UInt8 = 3
    static let values: UInt8 = 1
}
