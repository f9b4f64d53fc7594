import Audit
import Foundation
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

/// `samdata convert` and `samdata audit` call the same defect by the same name.
@Suite struct ConversionAgreementTests {
    /// Fatal defects end a conversion, except that of a missing list, from which others follow.
    static let defects = PlantedDefect.all.filter { !$0.isFatal }

    /// Of one defect in an otherwise clean file, a conversion says nothing or what the audit says.
    @Test(arguments: defects)
    func eachDefectHasOneName(defect: PlantedDefect) throws {
        var data = try SampleDataset()
        try defect.plant(&data, 1)
        let summary = try COCOConversion(
            ConversionOptions(input: data.write(), images: data.folder, output: data.directory.file("out"))
        ).run()
        let rules = Set(summary.counts.map(\.rule))
        #expect(rules.isSubset(of: [defect.rule]), "\(summary.examples.map(\.description))")
        if Self.told.contains(defect.rule) { #expect(rules == [defect.rule]) }
    }

    /// What a conversion has to tell, as it drops or changes something for it.
    static let told: Set = [
        "json.duplicate-key", "json.non-finite", "json.byte-order-mark", "json.lone-surrogate", "schema.missing-key",
        "schema.derived", "schema.type", "schema.value", "schema.duplicate-image-id", "schema.duplicate-category-id",
        "schema.duplicate-annotation-id",
        "schema.dangling-image", "schema.dangling-category", "schema.image-size", "polygon.flat", "polygon.empty",
        "polygon.not-finite", "polygon.four-numbers", "polygon.degenerate", "polygon.zero-area", "polygon.off-image",
        "polygon.outside", "polygon.normalised", "rle.size", "rle.sum", "rle.count", "rle.characters",
        "rle.unknown-key", "mask.empty", "mask.missing", "bbox.degenerate", "bbox.outside", "image.missing",
        "image.path", "image.outside", "image.undecodable", "image.truncated", "image.size", "image.exif",
        "labels.name-case", "labels.name-form",
    ]

    @Test func whatIsToldIsTried() {
        #expect(Self.told.isSubset(of: Set(Self.defects.map(\.rule))))
    }

    /// Every reason for which a polygon draws nothing is a rule.
    @Test func emptyPolygonsAreRules() {
        for reason in EmptyPolygon.allCases { #expect(AuditRules.byID[reason.rawValue] != nil) }
    }
}
