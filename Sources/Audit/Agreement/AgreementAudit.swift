package import Annotations
internal import Masks
internal import Runtime

/// Holds the objects of one set of labels against those of another of the same images: a second annotator's, or a model's.
///
/// Images are paired as ``ImagePairing`` does, classes by their names. An object agrees when one of the other set's objects of its
/// class overlaps it enough; crowds are left out. Images are read one at a time on each thread.
package struct AgreementAudit: Sendable {
    private let first: any LabelSource
    private let second: any LabelSource
    /// What messages call the second set.
    private let name: String
    private let minimum: Double

    private static let block = 256

    /// - Parameters:
    ///   - name: of the second set, for messages.
    ///   - minimum: intersection over union from which objects agree, 0...1.
    package init(first: any LabelSource, second: any LabelSource, name: String, minimum: Double) {
        precondition((0...1).contains(minimum), "a least overlap of \(minimum)")
        self.first = first
        self.second = second
        self.name = name
        self.minimum = minimum
    }

    /// - Parameters:
    ///   - recorder: takes the findings, image after image.
    ///   - progress: told the number of images done, and of all.
    /// - Throws: `AuditError.nothingInCommon` when no image is in both sets, and what the sources throw.
    func run(_ recorder: inout AuditRecorder, progress: (Int, Int) -> Void) throws {
        let pairing = ImagePairing(first.images, second.images, path: name)
        for finding in pairing.findings {
            var named = finding
            named.rule = "agreement.names"
            try recorder.record(named)
        }
        let places = first.images.map { pairing.others[$0.id] }
        guard places.isEmpty || places.contains(where: { $0 != nil }) else {
            throw AuditError(
                .nothingInCommon,
                "--against: none of the \(first.images.count) images is among the \(second.images.count) of \(name); images are told by their files' names, those of results by their ids"
            )
        }
        for finding in second.findings where finding.dropped != nil { try recorder.record(finding.finding) }
        let names = Dictionary(second.categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        let own = Dictionary(first.categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        for start in stride(from: 0, to: places.count, by: Self.block) {
            let block = start..<min(places.count, start + Self.block)
            let findings = try Workers.map(block.count, grain: 1) { index in
                try compare(block.lowerBound + index, with: places[block.lowerBound + index], own, names)
            }
            for finding in findings.joined() { try recorder.record(finding) }
            progress(block.upperBound, places.count)
        }
        let met = Set(places.compactMap { $0 })
        for (place, image) in second.images.enumerated() where !met.contains(place) {
            try recorder.record(
                "agreement.unlisted", at: image.location,
                "image \(Self.title(image)) is not among those that are audited")
        }
    }

    /// An object with its mask, or its box as a mask.
    private struct Drawn {
        let annotation: COCOAnnotation
        let category: String
        let mask: RLE
    }

    private func compare(
        _ index: Int, with place: Int?, _ own: [COCOIdentifier: String], _ names: [COCOIdentifier: String]
    ) throws -> [Finding] {
        let image = first.images[index]
        guard let place else {
            return [
                AuditRules.rule("agreement.unlisted").finding(
                    at: image.location, "\(name) does not list image \(Self.title(image))")
            ]
        }
        let other = second.images[place]
        guard let height = image.height ?? other.height, let width = image.width ?? other.width, height > 0, width > 0
        else { return [] }
        // What is wrong with the audited file's own objects has been said.
        var unused: [Finding] = []
        let ours = try objects(of: first, index, height, width, own, &unused)
        var findings: [Finding] = []
        let theirs = try objects(of: second, place, height, width, names, &findings)
        findings += try lonely(ours, among: theirs, "agreement.overlap") { best in
            "the best IoU with an object of its class in \(name) is \(Self.text(best)), below \(minimum)"
        }
        findings += try lonely(theirs, among: ours, "agreement.unmatched") { best in
            "the best IoU with an object of its class among those that are audited is \(Self.text(best)), below \(minimum)"
        }
        return findings
    }

    /// Findings about objects that no other overlaps enough.
    private func lonely(
        _ objects: [Drawn], among others: [Drawn], _ rule: String, _ message: (Double) -> String
    ) throws -> [Finding] {
        try objects.compactMap { object in
            let candidates = others.filter { $0.category == object.category }.map(\.mask)
            let best =
                candidates.isEmpty
                ? 0 : try RLE.intersectionOverUnion(detections: [object.mask], groundTruth: candidates).max() ?? 0
            if best >= minimum && !candidates.isEmpty { return nil }
            return AuditRules.rule(rule).finding(at: object.annotation.location, message(best))
        }
    }

    private func objects(
        of source: any LabelSource, _ index: Int, _ height: Int, _ width: Int, _ names: [COCOIdentifier: String],
        _ findings: inout [Finding]
    ) throws -> [Drawn] {
        var found: [Finding] = []
        let annotations = try source.annotations(ofImage: index, height: height, width: width) {
            found.append($0.finding)
        }
        findings += found
        return annotations.compactMap { annotation in
            if annotation.isCrowd { return nil }
            let category = names[annotation.categoryID] ?? annotation.categoryID.description
            do throws(MaskError) {
                let mask: RLE
                if let segmentation = annotation.segmentation, !segmentation.isEmptyList {
                    mask = try segmentation.rle(height: height, width: width)
                } else if let box = annotation.bbox {
                    mask = try RLE(height: height, width: width, box: box)
                } else {
                    findings.append(
                        AuditRules.rule("mask.missing").finding(
                            at: annotation.location, "there is neither a mask nor a box"))
                    return nil
                }
                return Drawn(annotation: annotation, category: category, mask: mask)
            } catch {
                let rule = AuditRules.byID[error.codeName] ?? AuditRules.rule("rle.count")
                findings.append(rule.finding(at: annotation.location, error.message))
                return nil
            }
        }
    }

    private static func title(_ image: COCOImage) -> String {
        image.fileName.isEmpty ? image.id.description : image.fileName
    }

    private static func text(_ overlap: Double) -> String { String((overlap * 1000).rounded() / 1000) }
}
