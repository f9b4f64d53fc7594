internal import Annotations
internal import Images
internal import JSONText
internal import Pipeline
private import Shards

/// What a chain of stages makes of one record: a picture of it, and below it what comes out of each stage.
struct StagesSheet {
    private let preview: ChainPreview
    /// Samples of a stage that are shown.
    private let shown: Int
    /// Places of the record's objects by their ids.
    private let places: [COCOIdentifier: Int]

    init(_ preview: ChainPreview, shown: Int) {
        self.preview = preview
        self.shown = shown
        places = Dictionary(
            preview.source.objects.enumerated().map { ($1.annotation.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The record in the first row, then for each stage what comes out of it.
    ///
    /// - Throws: `ImageError` when the image is damaged.
    func picture() throws -> RGBImage {
        var groups = [[try cell(preview.source, "original")]]
        for (number, step) in preview.steps.enumerated() {
            let samples = step.samples.prefix(shown)
            let cells = try samples.enumerated().map { index, sample in
                let count = step.samples.count == 1 ? "" : " \(index + 1)/\(step.samples.count)"
                return try cell(sample, "\(number + 1) \(step.name)\(count)", asWritten: step.decidesOnEncoding)
            }
            if !cells.isEmpty { groups.append(cells) }
        }
        return SheetCell.sheet(groups)
    }

    private func cell(_ sample: StagedSample, _ title: String, asWritten: Bool = false) throws -> SheetCell {
        // What JPEG does to new pixels is part of what a model will see.
        let image =
            asWritten && sample.hasNewPixels
            ? try ImageCodec.decodeRGB(sample.finished().encoded) : try sample.image()
        var pasted = 0
        let objects = sample.objects.map { object in
            let place = places[object.annotation.id]
            if place == nil { pasted += 1 }
            return SheetCell.Object(
                mask: object.mask, colour: SheetCell.colour(place ?? pasted - 1, isPasted: place == nil),
                isCrowd: object.annotation.isCrowd)
        }
        return SheetCell(title: title, image: image, objects: objects)
    }

    /// A line for each stage, and one for each sample of it that is shown.
    var text: String {
        var lines: [String] = []
        for (number, step) in preview.steps.enumerated() {
            let samples = step.samples
            var line =
                "stage \(number + 1), \(step.name): \(samples.count) \(samples.count == 1 ? "image" : "images"), "
                + "\(samples.reduce(0) { $0 + $1.objects.count }) objects"
            for count in step.counts where count.isDrop {
                line += ", \(count.count) \(count.subject == .image ? "images " : "")left out (\(count.rule))"
            }
            lines.append(line)
            lines += samples.prefix(shown).enumerated().map { index, sample in
                "  \(index + 1): \(sample.width) x \(sample.height), \(sample.objects.count) objects"
            }
            if samples.count > shown { lines.append("  … and \(samples.count - shown) more; --draws shows them") }
        }
        return lines.joined(separator: "\n")
    }

    var json: JSONValue {
        .array(
            preview.steps.map { step in
                [
                    "name": .string(step.name), "summary": .string(step.summary),
                    "images": .array(
                        step.samples.map { sample in
                            [
                                "width": .integer(Int64(sample.width)), "height": .integer(Int64(sample.height)),
                                "objects": .integer(Int64(sample.objects.count)),
                            ]
                        }),
                    "left_out": .array(
                        step.counts.filter(\.isDrop).map { count in
                            [
                                "rule": .string(count.rule), "subject": .string(count.subject.rawValue),
                                "count": .integer(Int64(count.count)),
                            ]
                        }),
                ]
            })
    }
}
