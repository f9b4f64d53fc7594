import Audit
import Foundation
import Runtime
import TestSupport
import Testing

@Suite struct AuditRulesTests {
    @Test func idsAreUniqueAndWellFormed() {
        #expect(Set(AuditRules.all.map(\.id)).count == AuditRules.all.count)
        for rule in AuditRules.all {
            #expect(rule.id.wholeMatch(of: /[a-z]+\.[a-z]+(-[a-z]+)*/) != nil, "\(rule.id)")
            #expect(rule.meaning.hasSuffix(".") && rule.remedy.hasSuffix("."), "\(rule.id)")
            #expect(rule.meaning.count <= 100 && rule.remedy.count <= 110, "\(rule.id)")
        }
    }

    /// What the reader reports has a place in the table.
    @Test func readersRulesAreListed() throws {
        let source = try String(
            contentsOfFile: Repository.root + "/Sources/Annotations/COCO/COCORule.swift", encoding: .utf8)
        let ids = source.matches(of: /static let \w+ = "([^"]+)"/).map { String($0.1) }
        #expect(ids.count >= 9)
        for id in ids { #expect(AuditRules.byID[id] != nil, "\(id)") }
    }

    @Test func selectionsAreByRuleOrFamily() throws {
        let selection = try RuleSelection(select: ["rle"], ignore: ["rle.sum"])
        #expect(selection.contains("rle.size") && !selection.contains("rle.sum") && !selection.contains("json.syntax"))
        #expect(selection.contains(family: "rle") && !selection.contains(family: "image"))
        #expect(try RuleSelection(select: [], ignore: []) == .everything)
    }

    @Test(arguments: ["polygn", "polygon.", "poly", "", "polygon.outsid", "POLYGON"])
    func unknownNamesAreRefused(name: String) {
        for (select, ignore) in [([name], []), ([], [name])] {
            let error = #expect(throws: AuditError.self) { try RuleSelection(select: select, ignore: ignore) }
            #expect(error?.kind == .usage)
        }
    }
}
