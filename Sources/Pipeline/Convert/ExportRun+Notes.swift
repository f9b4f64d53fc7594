internal import Annotations
internal import Runtime

// What an export puts on record beside the labels themselves: files, changed names, what has no place in the target.
extension ExportRun {
    /// Puts on record what a part's writer has done since it was last asked.
    ///
    /// - Returns: the names that were changed.
    mutating func takeNotes(part: Int) throws -> [LabelRename] {
        let renames = parts[part].classRenames + takeFiles(part: part)
        parts[part].classRenames = []
        for rename in renames { try parts[part].renames.add(rename) }
        return renames
    }

    /// Takes down the files that a part's writer has begun since it was last asked.
    ///
    /// - Returns: the names that were changed, which are not on record.
    mutating func takeFiles(part: Int) -> [LabelRename] {
        let notes = parts[part].writer.takeNotes()
        parts[part].files += notes.files
        return notes.renames
    }

    /// Lists the files that were taken down.
    mutating func listFiles() throws {
        for number in parts.indices {
            for file in parts[number].files { try files.add(file, in: folder(ofPart: number)) }
            parts[number].files = []
        }
        try files.flush()
    }

    /// A part's folder below the output.
    func folder(ofPart number: Int) -> String {
        let part = plan.layout.parts[number]
        return part.directory == options.output ? "" : part.name
    }

    /// The members of an image's objects for which the target has no place; those of the image itself are noted.
    mutating func unplaced(_ image: LabelledImage, part: Int) -> [ObjectLoss] {
        let names = places.lost(of: image.image.extra, .image)
        if !names.isEmpty {
            let finding = noPlace(for: names, "the image", at: image.image.location)
            parts[part].ledger.note(finding)
            batch?.parts[part].ledger.note(finding)
        }
        return image.objects.compactMap { object in
            let names = places.lost(of: object.annotation.extra, .object)
            return names.isEmpty
                ? nil
                : ObjectLoss(
                    imageID: image.image.id, annotationID: object.annotation.id, kind: .members, overlap: 1,
                    names: names)
        }
    }

    /// Likewise of the categories, and of the set as a whole.
    func unplacedOfSet() -> [Finding] {
        var findings: [Finding] = []
        for category in plan.categories {
            let names = places.lost(of: category.extra, .category)
            if names.isEmpty { continue }
            let location = DataLocation(path: options.input, keyPath: category.id.description)
            findings.append(noPlace(for: names, "class \(category.name)", at: location))
        }
        let names = places.lost(of: plan.labels.source.sections, .set)
        if !names.isEmpty {
            findings.append(noPlace(for: names, "the set", at: DataLocation(path: options.input)))
        }
        return findings
    }

    private func noPlace(for names: [String], _ subject: String, at location: DataLocation) -> Finding {
        Finding(
            rule: ConversionRule.membersLost, severity: .note, location: location,
            message:
                "\(options.target) has no place for what is said of \(subject) besides: \(names.joined(separator: ", "))"
        )
    }

    mutating func note(_ rename: LabelRename, of image: COCOImage?, part: Int) {
        let isImage = rename.subject == .image
        let location =
            (isImage ? image?.location : nil) ?? DataLocation(path: options.input, keyPath: rename.id.description)
        let finding = Finding(
            rule: ConversionRule.renamed, severity: .note, location: location,
            message: "\(isImage ? "" : "class ")\(rename.from) is written as \(rename.to)")
        parts[part].ledger.note(finding)
        batch?.parts[part].ledger.note(finding)
    }

    /// Notes files in the output that nobody has listed, by their paths in it.
    mutating func noteOthers(_ others: [String]) {
        for path in others {
            parts[0].ledger.note(
                Finding(
                    rule: ConversionRule.otherFiles, severity: .warning,
                    location: DataLocation(path: options.output, keyPath: path),
                    message:
                        "neither this conversion nor one that it replaces has written the file; it stays, and programs that read whole folders take it for a part of the set"
                ))
        }
    }
}
