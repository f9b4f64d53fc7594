private import JSONText

extension StageDescription {
    /// Stages as `--stages` takes them in one line: JSON, which is YAML.
    package static func text(of stages: [StageDescription]) -> String {
        JSONValue.array(
            stages.map { stage in
                stage.settings.isEmpty
                    ? .string(stage.name)
                    : .object([JSONMember(stage.name, StageValue.mapping(stage.settings).json)])
            }
        ).text()
    }
}

extension StageValue {
    fileprivate var json: JSONValue {
        switch self {
        case .null: .null
        case .scalar(let text):
            // Numbers and truth values without quotes, as people write them; they are read as the same text.
            if let integer = Int64(text), String(integer) == text {
                .integer(integer)
            } else if let number = Double(text), number.isFinite, JSONValue.number(number).text() == text {
                .number(number)
            } else if text == "true" || text == "false" {
                .bool(text == "true")
            } else {
                .string(text)
            }
        case .list(let items): .array(items.map(\.json))
        case .mapping(let members): .object(members.map { JSONMember($0.key, $0.value.json) })
        }
    }
}
