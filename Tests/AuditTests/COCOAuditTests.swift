import Audit
import Foundation
import Runtime
import TestSupport
import Testing

@Suite struct COCOAuditTests {
    /// Every finding of an audit.
    static func audit(
        _ path: String, images: String? = nil, _ selection: RuleSelection = .everything
    ) throws -> (findings: [Finding], summary: AuditSummary) {
        var findings: [Finding] = []
        let audit = try COCOAudit(path: path, imagesFolder: images, selection: selection)
        let summary = try audit.run { findings.append($0) }
        return (findings, summary)
    }

    static func rules(_ findings: [Finding]) -> Set<String> { Set(findings.map(\.rule)) }

    /// The defects that can stand in one file.
    static let together = PlantedDefect.all.filter { !$0.isFatal }

    static func fullOfDefects(without rules: Set<String> = []) throws -> SampleDataset {
        var data = try SampleDataset()
        for (index, defect) in together.enumerated() where !rules.contains(defect.rule) {
            try defect.plant(&data, index)
        }
        return data
    }

    @Test func bothDefectsOfARunLengthMaskAreNamed() throws {
        var data = try SampleDataset()
        data.add(id: 100, ring: [5, 62, 9, 62, 9, 66, 5, 66])
        data.annotations[data.annotations.count - 1]["segmentation"] = ["size": [50, 50], "counts": [0, 4, 10]]
        let (findings, _) = try Self.audit(data.write(), images: data.folder)
        #expect(Self.rules(findings) == ["rle.size", "rle.sum"], "\(findings.map(\.description))")
    }

    @Test func cleanDataHasNoFinding() throws {
        let data = try SampleDataset()
        let (findings, summary) = try Self.audit(data.write(), images: data.folder)
        #expect(findings.isEmpty, "\(findings)")
        #expect(summary.isComplete && summary.worst == nil && summary.rules.isEmpty)
        #expect(summary.images == 2 && summary.annotations == 3 && summary.categories == 2 && summary.probedImages == 2)
    }

    /// One defect in an otherwise clean file is named, and nothing else.
    @Test(arguments: PlantedDefect.all)
    func eachDefectIsNamedAlone(defect: PlantedDefect) throws {
        var data = try SampleDataset()
        try defect.plant(&data, 1)
        let (findings, summary) = try Self.audit(data.write(), images: data.folder)
        #expect(findings.map(\.rule) == [defect.rule], "\(findings.map(\.description))")
        #expect(summary.rules.map(\.rule) == [defect.rule])
        #expect(summary.isComplete == !["json.syntax", "json.truncated", "schema.structure"].contains(defect.rule))
        for finding in findings {
            #expect(!finding.message.isEmpty)
            #expect(finding.location.path == data.directory.file("labels.json"))
            #expect(finding.location.byteOffset != nil && finding.location.line != nil, "\(finding)")
        }
    }

    /// All defects in one file: each is named.
    @Test func allDefectsInOneFileAreNamed() throws {
        let data = try Self.fullOfDefects()
        let (findings, summary) = try Self.audit(data.write(), images: data.folder)
        #expect(Self.rules(findings) == Set(Self.together.map(\.rule)))
        #expect(findings.count == Self.together.count, "\(findings.map(\.description))")
        #expect(summary.rules.allSatisfy { $0.count == 1 })
        #expect(summary.worst == .error)
    }

    /// Every rule that a COCO file can break has a defect planted for it; what a second set of labels takes has its own tests.
    @Test func everyRuleIsTried() {
        let ofTwoSets: Set = [
            "agreement.overlap", "agreement.unmatched", "agreement.unlisted", "agreement.model", "agreement.unread",
            "agreement.names",
        ]
        let rules = Set(AuditRules.all.map(\.id).filter { !$0.hasPrefix("shard.") }).subtracting(ofTwoSets)
        #expect(rules == Set(PlantedDefect.all.map(\.rule)))
    }

    @Test func workersDoNotChangeTheFindings() throws {
        let data = try Self.fullOfDefects()
        let path = try data.write()
        let all = try atEveryWorkerCount { try Self.audit(path, images: data.folder).findings }
        #expect(all.dropFirst().allSatisfy { $0 == all[0] })
    }

    /// The lists may stand in any order; LVIS has annotations before images.
    @Test(arguments: [["annotations", "categories", "images"], ["categories", "annotations", "images"]])
    func listsMayStandInAnyOrder(order: [String]) throws {
        let data = try Self.fullOfDefects()
        let usual = try Self.audit(data.write(), images: data.folder)
        let other = try Self.audit(data.write(order: order), images: data.folder)
        #expect(Self.rules(other.findings) == Self.rules(usual.findings))
        #expect(other.findings.count == usual.findings.count)
        #expect(usual.summary.images == other.summary.images)
        #expect(usual.summary.annotations == other.summary.annotations)
    }

    @Test func selectionNarrows() throws {
        let data = try Self.fullOfDefects()
        let polygons = try RuleSelection(select: ["polygon", "rle.sum"], ignore: ["polygon.spike"])
        let (findings, summary) = try Self.audit(data.write(), polygons)
        let expected = Set(PlantedDefect.polygon.map(\.rule)).subtracting(["polygon.spike"]).union(["rle.sum"])
        #expect(Self.rules(findings) == expected)
        #expect(summary.probedImages == 0)
    }

    @Test func missingInputsAreErrors() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: FileError.self) { try Self.audit(directory.file("nothing.json")) }
        #expect(throws: FileError.self) { try Self.audit(directory.path) }
        let data = try SampleDataset()
        let error = #expect(throws: AuditError.self) { try Self.audit(data.write(), images: directory.file("nothing")) }
        #expect(error?.kind == .inputMissing)
    }

    /// A cut anywhere is named, and nothing is said that only the rest of the file could tell.
    @Test(arguments: [["images", "annotations", "categories"], ["annotations", "categories", "images"]])
    func everyCutIsNamed(order: [String]) throws {
        let data = try SampleDataset()
        let text = Array(try data.text(order: order).utf8)
        let path = data.directory.file("cut.json")
        for count in stride(from: 0, to: text.count - 1, by: 7) {
            try Data(text[..<count]).write(to: URL(fileURLWithPath: path))
            let (findings, summary) = try Self.audit(path)
            #expect(!summary.isComplete)
            #expect(Self.rules(findings) == ["json.truncated"], "\(count): \(findings)")
        }
    }

    /// Whatever a byte becomes, the audit ends with findings or without, never otherwise.
    @Test func mutatedFilesNeverCrash() throws {
        let data = try Self.fullOfDefects(without: ["polygon.complexity"])
        let text = Array(try data.text().utf8)
        let path = data.directory.file("mutated.json")
        var random = CounterRandom(seed: 8, purpose: RandomPurpose("audit fuzz"))
        let digits = Array("0123456789-.eE[]{},:\"".utf8)
        for _ in 0..<150 {
            var bytes = text
            for _ in 0...random.index(below: 4) {
                let place = random.index(below: bytes.count)
                let digit = digits[random.index(below: digits.count)]
                bytes[place] = random.index(below: 2) == 0 ? digit : UInt8(random.index(below: 256))
            }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            _ = try Self.audit(path)
        }
    }
}
