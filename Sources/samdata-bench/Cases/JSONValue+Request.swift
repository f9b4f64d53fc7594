import JSONText

extension JSONValue {
    /// A request to a peer: the name of a function in `Peer/scripts`, and its whole numbers by name.
    static func request(_ operation: String, _ sizes: KeyValuePairs<String, Int> = [:]) -> JSONValue {
        .object([JSONMember("op", .string(operation))] + sizes.map { JSONMember($0.key, .integer(Int64($0.value))) })
    }

    /// The same object with one more member.
    func with(_ name: String, _ value: JSONValue) -> JSONValue {
        .object((object ?? []) + [JSONMember(name, value)])
    }
}
