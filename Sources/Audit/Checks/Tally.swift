internal import Annotations
internal import Runtime

/// Defects that a whole file has alike, such as a key that no annotation has: counted, and reported once each.
struct Tally {
    private struct Entry {
        var count = 0
        var first: DataLocation
    }

    private var missing: [String: Entry] = [:]
    private var boxAreas: Entry?

    /// Notes what an annotation leaves out that can be computed.
    mutating func note(_ annotation: COCOAnnotation) {
        if annotation.area == nil { noteMissing("area", annotation) }
        if annotation.bbox == nil { noteMissing("bbox", annotation) }
        if annotation.crowdFlag == nil { noteMissing("iscrowd", annotation) }
    }

    /// Notes an annotation whose area is that of its box.
    mutating func noteBoxArea(at location: DataLocation) {
        boxAreas = boxAreas ?? Entry(first: location)
        boxAreas?.count += 1
    }

    private mutating func noteMissing(_ key: String, _ annotation: COCOAnnotation) {
        // A value that could not be understood is not missing; the reader has reported it.
        guard annotation.extra[key] == nil else { return }
        missing[key, default: Entry(first: annotation.location)].count += 1
    }

    var findings: [Finding] {
        var findings = missing.sorted { $0.key < $1.key }.map { key, entry in
            AuditRules.rule("schema.derived").finding(
                at: entry.first, "\(key) is missing from \(Self.annotations(entry.count)), this one first")
        }
        if let boxAreas {
            findings.append(
                AuditRules.rule("agreement.box-area").finding(
                    at: boxAreas.first, "the area is the box's in \(Self.annotations(boxAreas.count)), this one first"))
        }
        return findings
    }

    private static func annotations(_ count: Int) -> String { "\(count) \(count == 1 ? "annotation" : "annotations")" }
}
