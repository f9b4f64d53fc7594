internal import JSONText
internal import Shards

/// What each stage took in and let out, for people and for programs.
struct StageCountTable {
    let counts: [ShardManifest.StageCount]
    /// The stages' settings in words, where they are to be shown.
    var summaries: [String]?

    var text: String {
        var table = TextTable(
            [("stage", .left), ("images", .right), ("left", .right), ("objects", .right), ("left", .right)]
                + (summaries == nil ? [] : [("what it does", .left)]))
        for (index, count) in counts.enumerated() {
            table.add(
                [
                    count.name, String(count.imagesIn), String(count.imagesOut), String(count.objectsIn),
                    String(count.objectsOut),
                ] + (summaries.map { [$0[index]] } ?? []))
        }
        return table.render()
    }

    var json: JSONValue {
        .array(
            counts.enumerated().map { index, count in
                var members = [JSONMember("name", .string(count.name))]
                if let summaries { members.append(JSONMember("summary", .string(summaries[index]))) }
                members += [
                    JSONMember("images_in", .integer(Int64(count.imagesIn))),
                    JSONMember("images_out", .integer(Int64(count.imagesOut))),
                    JSONMember("objects_in", .integer(Int64(count.objectsIn))),
                    JSONMember("objects_out", .integer(Int64(count.objectsOut))),
                ]
                return .object(members)
            })
    }
}
