internal import Annotations
private import Foundation
internal import Shards

/// What a conversion is going to write, class by class.
package struct ConversionForecast: Sendable {
    /// One class.
    package struct Row: Sendable {
        package let id: String
        package let name: String
        package var objects = 0
        /// Samples with at least one of them.
        package var images = 0
        /// Objects in an epoch of the parts that are trained on, on average.
        package var expectedObjects = 0.0
        /// Objects in each part of the split.
        package var objectsByPart: [Int]
        /// Objects in an epoch of each part, on average.
        package var expectedByPart: [Double]
    }

    /// One part of the split, or the whole.
    package struct Part: Sendable {
        package let name: String
        package var images = 0
        package var objects = 0
    }

    package var classes: [Row]
    package var parts: [Part]
    /// Samples that will be written.
    package var images = 0
    package var objects = 0
    /// Samples in an epoch of the parts that are trained on, on average.
    package var expectedImages = 0.0
    /// Positions in ``parts`` of those that are trained on.
    package let trainedParts: Set<Int>

    init(
        _ survey: ConversionSurvey, categories: [COCOCategory], layout: ShardLayout, trainedParts: Set<Int>
    ) {
        self.trainedParts = trainedParts
        parts = layout.parts.map { Part(name: $0.name) }
        classes = survey.classes.classes.map { value in
            Row(
                id: value.sourceID ?? String(value.categoryID), name: value.name,
                objectsByPart: Array(repeating: 0, count: layout.parts.count),
                expectedByPart: Array(repeating: 0, count: layout.parts.count))
        }
        for (image, row) in survey.rows.enumerated() {
            // An image without a file does not come out, whatever its labels say.
            guard layout.files[image].bytes != nil else { continue }
            let part = layout.partOfImage[image]
            images += row.samples
            if trainedParts.contains(part) { expectedImages += row.expectedSamples }
            parts[part].images += row.samples
            for count in row.counts {
                let (index, objects) = (Int(count.index), Int(count.objects))
                self.objects += objects
                parts[part].objects += objects
                classes[index].objects += objects
                classes[index].images += Int(count.samples)
                classes[index].expectedByPart[part] += Double(count.expectedObjects)
                if trainedParts.contains(part) { classes[index].expectedObjects += Double(count.expectedObjects) }
                classes[index].objectsByPart[part] += objects
            }
        }
    }

    /// Whether balancing changes how often samples come up.
    package var isBalanced: Bool {
        classes.contains { row in
            let objects = trainedParts.reduce(0) { $0 + row.objectsByPart[$1] }
            return abs(row.expectedObjects - Double(objects)) > 1e-6
        }
    }

    /// A mean number as people read it.
    package static func text(_ value: Double) -> String {
        value == value.rounded() ? String(format: "%.0f", value) : String(format: "%.1f", value)
    }
}
