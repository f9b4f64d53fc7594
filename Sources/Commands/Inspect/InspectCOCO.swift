internal import Annotations
private import Images
internal import JSONText
private import Masks
private import Runtime

extension InspectCommand {
    /// A COCO file: counts, classes, forms of segmentation; with `--record` or `--picture` one image and its objects.
    static func inspectCOCO(_ request: InspectionRequest) throws -> Inspection {
        let record = request.recordNumber
        var summary = COCOSummary(record: record)
        try COCOReader.scan(path: request.path, &summary)
        var inspection = Inspection(text: text(of: summary), members: members(of: summary))
        guard let record else { return inspection }
        guard let image = summary.recordImage else {
            throw InspectError.noRecord(record, of: summary.imageCount, unit: "image", path: request.path)
        }
        var content = COCORecord(image: image)
        try COCOReader.scan(path: request.path, &content)
        inspection.text += "\n\n" + text(of: content, number: record)
        inspection.members.append(JSONMember("record", json(of: content, number: record)))
        if let augmentation = request.augmentation {
            let samples = COCOAugmentationSamples(request: request, count: summary.imageCount)
            let (sample, remarks) = try samples.sample(content)
            inspection.remarks += remarks
            try draw(sample, number: record, augmentation, partners: samples.partners, into: &inspection)
        } else if let stages = request.stages {
            try draw(stages, image: image.id, format: .coco, request, into: &inspection)
        } else if request.wantsPicture {
            try draw(content, request, into: &inspection)
        }
        return inspection
    }

    // MARK: The file

    private static func text(of summary: COCOSummary) -> String {
        var lines = [
            "COCO file:     \(summary.imageCount) images (\(summary.imagesWithObjects.count) with objects), "
                + "\(summary.annotationCount) annotations, \(summary.categories.count) categories",
            "image sizes:   " + (sizes(summary) ?? "not stated"),
            "segmentation:  "
                + COCOSummary.Form.allCases.map { "\(summary.countByForm[$0] ?? 0) \($0.phrase)" }
                .joined(separator: ", "),
            "crowds:        \(summary.crowdCount)",
            "not stated:    area of \(summary.withoutArea), bbox of \(summary.withoutBox) annotations",
        ]
        let findings = summary.countByRule.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }
        lines.append("findings:      " + (findings.isEmpty ? "none while reading" : findings.joined(separator: ", ")))
        var table = TextTable([
            ("id", .right), ("class", .left), ("supercategory", .left), ("objects", .right), ("crowds", .right),
            ("images", .right),
        ])
        for category in summary.categories {
            let count = summary.countByCategory[category.id] ?? COCOSummary.Count()
            table.add([
                category.id.description, category.name, category.supercategory ?? "", String(count.objects),
                String(count.crowds), String(count.images),
            ])
        }
        let known = Set(summary.categories.map(\.id))
        for (id, count) in summary.countByCategory.sorted(by: { $0.key < $1.key }) where !known.contains(id) {
            table.add([
                id.description, "(not in categories)", "", String(count.objects), String(count.crowds),
                String(count.images),
            ])
        }
        return lines.joined(separator: "\n") + "\n\n" + table.render()
    }

    private static func sizes(_ summary: COCOSummary) -> String? {
        guard let widths = summary.widths, let heights = summary.heights else { return nil }
        func span(_ range: ClosedRange<Int>) -> String {
            range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        }
        return "\(span(widths)) x \(span(heights)) pixels (width x height)"
    }

    private static func members(of summary: COCOSummary) -> [JSONMember] {
        let forms = COCOSummary.Form.allCases.map {
            JSONMember($0.rawValue, .integer(Int64(summary.countByForm[$0] ?? 0)))
        }
        let categories = summary.categories.map { category in
            let count = summary.countByCategory[category.id] ?? COCOSummary.Count()
            return JSONValue.object([
                JSONMember("id", json(of: category.id)), JSONMember("name", .string(category.name)),
                JSONMember("objects", .integer(Int64(count.objects))),
                JSONMember("crowds", .integer(Int64(count.crowds))),
                JSONMember("images", .integer(Int64(count.images))),
            ])
        }
        return [
            JSONMember("images", .integer(Int64(summary.imageCount))),
            JSONMember("images_with_objects", .integer(Int64(summary.imagesWithObjects.count))),
            JSONMember("annotations", .integer(Int64(summary.annotationCount))),
            JSONMember("crowds", .integer(Int64(summary.crowdCount))),
            JSONMember("segmentation", .object(forms)),
            JSONMember("without_area", .integer(Int64(summary.withoutArea))),
            JSONMember("without_bbox", .integer(Int64(summary.withoutBox))),
            JSONMember("categories", .array(categories)),
            JSONMember(
                "findings",
                .object(
                    summary.countByRule.sorted { $0.key < $1.key }
                        .map { JSONMember($0.key, .integer(Int64($0.value))) })),
        ]
    }

    // MARK: One record

    private static func text(of content: COCORecord, number: Int) -> String {
        let image = content.image
        let size = image.width.flatMap { width in image.height.map { "\(width) x \($0)" } } ?? "size not stated"
        var table = TextTable([
            ("annotation", .right), ("class", .left), ("segmentation", .left), ("crowd", .left), ("area", .right),
            ("bbox", .left),
        ])
        for annotation in content.annotations {
            table.add([
                annotation.id.description, content.name(of: annotation),
                COCOSummary.Form(annotation.segmentation).phrase, annotation.isCrowd ? "yes" : "no",
                annotation.area.map(\.measure) ?? "",
                annotation.bbox?.measure ?? "",
            ])
        }
        return "record \(number): image \(image.id.description.onOneLine), \(image.fileName.onOneLine), \(size), "
            + "\(content.annotations.count) objects\n\n" + table.render()
    }

    private static func json(of content: COCORecord, number: Int) -> JSONValue {
        let annotations = content.annotations.map { annotation in
            JSONValue.object([
                JSONMember("id", json(of: annotation.id)), JSONMember("class", .string(content.name(of: annotation))),
                JSONMember("segmentation", .string(COCOSummary.Form(annotation.segmentation).rawValue)),
                JSONMember("is_crowd", .bool(annotation.isCrowd)),
                JSONMember("area", annotation.area.map { .number($0) } ?? .null),
                JSONMember(
                    "bbox",
                    annotation.bbox.map {
                        .array([.number($0.x), .number($0.y), .number($0.width), .number($0.height)])
                    } ?? .null),
            ])
        }
        return .object([
            JSONMember("number", .integer(Int64(number))), JSONMember("image_id", json(of: content.image.id)),
            JSONMember("file_name", .string(content.image.fileName)),
            JSONMember("width", content.image.width.map { .integer(Int64($0)) } ?? .null),
            JSONMember("height", content.image.height.map { .integer(Int64($0)) } ?? .null),
            JSONMember("annotations", .array(annotations)),
        ])
    }

    private static func json(of id: COCOIdentifier) -> JSONValue {
        id.int64.map { .integer($0) } ?? .string(id.description)
    }

    private static func draw(
        _ content: COCORecord, _ request: InspectionRequest, into inspection: inout Inspection
    ) throws {
        let path = try request.path(of: content.image)
        let image = try LabelPicture.image(
            FileSystem.read(path), statedWidth: content.image.width, statedHeight: content.image.height,
            at: DataLocation(path: path))
        let drawable = content.labels(height: image.height, width: image.width)
        inspection.remarks += drawable.remarks
        inspection.picture = LabelPicture.draw(image, labels: drawable.labels)
    }
}

extension COCOSummary.Form {
    /// The form in a sentence.
    fileprivate var phrase: String {
        switch self {
        case .polygons: "polygons"
        case .uncompressedRLE: "uncompressed RLE"
        case .compressedRLE: "compressed RLE"
        case .none: "none"
        }
    }
}
