internal import JSONText
internal import Pipeline

/// The counts to be expected of a conversion, class by class.
struct ForecastTable {
    private let forecast: ConversionForecast

    init(_ forecast: ConversionForecast) { self.forecast = forecast }

    /// More classes than this are shown as the most frequent and the rarest ones.
    private static let shownClasses = 40

    var text: String {
        var columns: [(title: String, alignment: TextTable.Alignment)] = [
            ("class", .left), ("objects", .right), ("images", .right),
        ]
        if forecast.isBalanced { columns.append(("an epoch", .right)) }
        let parts = forecast.parts.count > 1 ? forecast.parts : []
        columns += parts.map { ($0.name, .right) }
        var table = TextTable(columns)
        let classes = forecast.classes
        let order = classes.indices.sorted { (-classes[$0].objects, $0) < (-classes[$1].objects, $1) }
        let half = Self.shownClasses / 2
        let isCut = order.count > Self.shownClasses
        for (place, index) in order.enumerated() {
            if isCut, (half..<order.count - half).contains(place) {
                if place == half {
                    table.add(
                        ["… \(order.count - 2 * half) more"] + Array(repeating: "", count: columns.count - 1))
                }
                continue
            }
            let row = classes[index]
            var cells = [row.name, String(row.objects), String(row.images)]
            if forecast.isBalanced { cells.append(ConversionForecast.text(row.expectedObjects)) }
            if !parts.isEmpty { cells += row.objectsByPart.map(String.init) }
            table.add(cells)
        }
        var total = ["all", String(forecast.objects), String(forecast.images)]
        if forecast.isBalanced {
            total.append(ConversionForecast.text(classes.reduce(0) { $0 + $1.expectedObjects }))
        }
        table.add(total + parts.map { String($0.objects) })
        var lines = ["Expected counts:", table.render()]
        if !parts.isEmpty {
            lines.append("Images: " + parts.map { "\($0.name) \($0.images)" }.joined(separator: ", ") + ".")
        }
        if forecast.isBalanced {
            lines.append("An epoch has \(ConversionForecast.text(forecast.expectedImages)) images on average.")
        }
        return lines.joined(separator: "\n")
    }

    var json: JSONValue {
        [
            "images": .integer(Int64(forecast.images)), "objects": .integer(Int64(forecast.objects)),
            "images_per_epoch": .number(forecast.expectedImages),
            "sets": .array(
                forecast.parts.map {
                    [
                        "name": .string($0.name), "images": .integer(Int64($0.images)),
                        "objects": .integer(Int64($0.objects)),
                    ]
                }),
            "classes": .array(
                forecast.classes.map { row in
                    [
                        "id": .string(row.id), "name": .string(row.name), "objects": .integer(Int64(row.objects)),
                        "images": .integer(Int64(row.images)), "objects_per_epoch": .number(row.expectedObjects),
                        "objects_by_set": .array(row.objectsByPart.map { .integer(Int64($0)) }),
                    ]
                }),
        ]
    }
}
