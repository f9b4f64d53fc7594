internal import Masks
internal import Runtime
internal import Shards

/// Everything that can be said of one record of a shard alone.
struct RecordCheck: Sendable {
    private(set) var findings: [Finding] = []
    private(set) var objectCount = 0
    private(set) var isImageReadable = false
    /// Whether the record's bytes are not those that were written.
    private(set) var isDamaged = false
    private(set) var imageID: String?
    /// The SHA-256 that the record states.
    private(set) var imageDigest: String?
    /// Objects whose area is that of the box.
    private(set) var boxAreas: [DataLocation] = []

    init(_ shards: ShardSet, record: Int) {
        let location = shards.location(of: record)
        let sample: ShardSample
        do throws(ShardError) {
            sample = try shards.sample(at: record)
        } catch {
            isDamaged = true
            var place = error.location ?? location
            place.imageID = place.imageID ?? location.imageID
            report(ShardAudit.rule(of: error), at: place, error.message)
            return
        }
        imageID = sample.imageID
        imageDigest = sample.sha256
        objectCount = sample.objects.count
        checkImage(sample, at: location)
        compare(sample, with: shards.entry(at: record), at: location)
        checkObjects(sample, classes: shards, at: location)
    }

    private mutating func report(_ rule: String, at location: DataLocation, _ message: String) {
        findings.append(AuditRules.rule(rule).finding(at: location, message))
    }

    private mutating func checkImage(_ sample: ShardSample, at location: DataLocation) {
        if SHA256Digest.hex(sample.encoded) != sample.sha256 {
            report("shard.image-digest", at: location, "the image's bytes are not those of \(sample.sha256)")
        }
        let isTurned = sample.exifOrientation >= 5
        let stored = ImageSize(
            width: isTurned ? sample.height : sample.width, height: isTurned ? sample.width : sample.height)
        let check = ImageFileCheck(encoded: sample.encoded, stated: stored, location: location)
        // A record that states the turn has settled what the orientation means.
        findings += check.findings.filter { $0.rule != "image.exif" || sample.exifOrientation == 1 }
        isImageReadable = check.size != nil
    }

    private mutating func compare(
        _ sample: ShardSample, with entry: ShardManifest.Record, at location: DataLocation
    ) {
        let counts = Dictionary(sample.objects.map { ($0.categoryID, 1) }, uniquingKeysWith: +)
        if entry.imageID != sample.imageID {
            report(
                "shard.manifest", at: location,
                "the record's image is \(sample.imageID), the manifest says \(entry.imageID)")
        } else if counts != entry.objects {
            let stated = entry.objects.values.reduce(0, +)
            report(
                "shard.manifest", at: location,
                "the record's \(sample.objects.count) objects are not the manifest's \(stated), class by class")
        } else if !entry.crowds.isEmpty {
            // Older manifests do not count them.
            let crowds = Dictionary(
                sample.objects.filter(\.isCrowd).map { ($0.categoryID, 1) }, uniquingKeysWith: +)
            if crowds == entry.crowds { return }
            report(
                "shard.manifest", at: location,
                "the record's \(crowds.values.reduce(0, +)) crowds are not the manifest's "
                    + "\(entry.crowds.values.reduce(0, +)), class by class")
        }
    }

    private mutating func checkObjects(_ sample: ShardSample, classes: ShardSet, at location: DataLocation) {
        var seen: [UInt64: ShardObject] = [:]
        for object in sample.objects {
            var place = location
            place.annotationID = object.annotationID
            if classes.classIndex(of: object.categoryID) == nil {
                report("schema.dangling-category", at: place, "category id \(object.categoryID) is not in the manifest")
            }
            guard !object.mask.isEmpty else {
                report("mask.empty", at: place, "the mask has no pixel")
                continue
            }
            let area = object.mask.area
            if area == object.mask.pixelCount { report("mask.full", at: place, "the mask covers all \(area) pixels") }
            checkAgreement(object, area: area, sample, at: place)
            let digest = ObjectDigest.of(object.mask)
            if let other = seen[digest] {
                let isSame = other.categoryID == object.categoryID
                report(
                    isSame ? "object.duplicate" : "object.conflict", at: place,
                    "the same mask as annotation \(other.annotationID)\(isSame ? "" : ", whose class is another")")
            } else {
                seen[digest] = object
            }
        }
    }

    /// A record keeps the area and box of the labels, which may be an outline's; only what no outline explains is told.
    private mutating func checkAgreement(
        _ object: ShardObject, area: Int, _ sample: ShardSample, at location: DataLocation
    ) {
        let bounds = object.mask.boundingBox
        let measures = AgreementCheck.Measures(
            maskArea: area, maskBox: bounds, perimeter: 2 * (bounds.width + bounds.height))
        if !object.isCrowd, let problem = AgreementCheck.areaProblem(object.area, measures) {
            if AgreementCheck.isArea(object.area, of: object.box) {
                boxAreas.append(location)
            } else {
                report("agreement.area", at: location, problem)
            }
        }
        let size = ImageSize(width: sample.width, height: sample.height)
        if let problem = AgreementCheck.boxProblem(object.box, measures, size: size) {
            report("agreement.bbox", at: location, problem)
        }
    }
}
