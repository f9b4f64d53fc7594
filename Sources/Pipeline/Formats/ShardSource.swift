package import Annotations
private import JSONText
private import Masks
private import Runtime
internal import Shards

/// A set of shards as a source of labels: the images are inside, and masks are in the frame that the shards have.
package struct ShardSource: LabelSource {
    package let categories: [COCOCategory]
    package let images: [COCOImage]
    package let findings: [LabelFinding]
    package let framesAreUpright: Bool
    private let set: ShardSet
    /// By image: its record, where two records of one image make the numbers differ.
    private let records: [Int]
    package let sections: [RawMember]
    package let statesRepeats: Bool

    /// - Parameter path: of the set's directory, or its `manifest.json`.
    /// - Throws: `ShardError`.
    package init(path: String) throws {
        let set = try ShardSet(path: path)
        self.set = set
        sections = Self.members(set.manifest.sections)
        statesRepeats = set.manifest.shards.contains { $0.records.contains { $0.repeats != 1 } }
        framesAreUpright = set.manifest.exifPolicy == .apply
        categories = set.classes.map { entry in
            COCOCategory(
                id: .integer(entry.categoryID), name: entry.name, supercategory: entry.supercategory,
                extra: (entry.sourceID.map { [RawMember("source_id", .string($0))] } ?? [])
                    + Self.members(entry.members))
        }
        let heads = try Workers.map(set.count) { index in
            Result { try (set.imageSize(at: index), set.fileName(at: index)) }
        }
        var findings: [LabelFinding] = []
        var images: [COCOImage] = []
        var records: [Int] = []
        var taken: Set<COCOIdentifier> = []
        for (index, outcome) in heads.enumerated() {
            let id = COCOIdentifier(keptAs: set.entry(at: index).imageID)
            do {
                let (size, name) = try outcome.get()
                guard taken.insert(id).inserted else {
                    findings.append(
                        Self.drop(LabelRule.duplicateImage, set, index, "another record is of image \(id) already"))
                    continue
                }
                images.append(
                    COCOImage(
                        id: id, fileName: name, width: size.width, height: size.height,
                        origin: Self.origin(of: index, in: set)))
                records.append(index)
            } catch {
                findings.append(
                    Self.drop(
                        LabelRule.unreadable, set, index, (error as? any OperationError)?.message ?? "\(error)"))
            }
        }
        self.images = images
        self.records = records
        self.findings = findings
    }

    /// The members of an object that the manifest holds, which is one.
    private static func members(_ text: String?) -> [RawMember] {
        text.flatMap { try? [RawMember](object: $0.utf8) } ?? []
    }

    private static func drop(_ rule: String, _ set: ShardSet, _ index: Int, _ message: String) -> LabelFinding {
        LabelFinding(
            Finding(
                rule: rule, severity: .error, location: set.location(of: index),
                message: message + "; the image is dropped"),
            dropped: .images)
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        let sample: ShardSample
        let members: RecordMembers
        do throws(ShardError) {
            sample = try set.sample(at: records[index])
            members = try RecordMembers(sample)
        } catch {
            var location = set.location(of: records[index])
            location.annotationID = "record \(records[index])"
            report(
                LabelFinding(
                    Finding(
                        rule: LabelRule.unreadable, severity: .error, location: location,
                        message: "\(error.message); the record's objects are dropped"), dropped: .annotations))
            return []
        }
        return zip(sample.objects, members.objects).map { object, extra in
            // A box without a mask is one again.
            let segmentation: Segmentation? =
                object.mask.isEmpty
                ? nil
                : .compressed(height: object.mask.height, width: object.mask.width, bytes: object.mask.compressed())
            return COCOAnnotation(
                id: COCOIdentifier(keptAs: object.annotationID), imageID: images[index].id,
                categoryID: .integer(object.categoryID), segmentation: segmentation, bbox: object.box,
                area: object.area,
                crowdFlag: object.isCrowd, extra: extra, origin: images[index].origin)
        }
    }

    package func members(ofImage index: Int) throws -> [RawMember] {
        // What is wrong there is reported with the objects.
        (try? RecordMembers(set.members(at: records[index])))?.image ?? []
    }

    package func repeats(ofImage index: Int) -> Double { set.entry(at: records[index]).repeats }

    private static func origin(of record: Int, in set: ShardSet) -> DataOrigin {
        let location = set.location(of: record)
        return DataOrigin(path: location.path, record: location.record)
    }

    package func encodedImage(at index: Int) throws -> [UInt8]? { try set.sample(at: records[index]).encoded }

    package func encodedImageBytes(at index: Int) throws -> Int? { try set.encodedImageBytes(at: records[index]) }

    package func annotationCount(ofImage index: Int) -> Int? {
        set.entry(at: records[index]).objects.values.reduce(0, +)
    }
}
