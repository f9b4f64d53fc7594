import Foundation
import TestSupport
import Testing

/// Rules of the house that a reader would otherwise have to police by hand.
@Suite struct HouseRuleTests {
    static let files = SourceTree.swiftFiles(below: "Sources") + SourceTree.swiftFiles(below: "Tests")

    /// Nobody finds anything in a file of leftovers.
    @Test func noFileIsABagOfLeftovers() {
        let banned = ["Utils", "Utilities", "Helpers", "Helper", "Common", "Manager", "Handler", "Misc"]
        for file in Self.files {
            let name = (file as NSString).lastPathComponent
            #expect(!banned.contains { name.contains($0) }, "\(file) is named after nothing")
        }
    }

    /// A file over 600 lines holds more than one idea.
    @Test func filesStaySmall() {
        for file in Self.files {
            let lines = SourceTree.text(file).split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 600, "\(file) has \(lines) lines")
        }
    }

    /// What is not finished is not committed.
    @Test func nothingIsMarkedUnfinished() {
        for file in SourceTree.swiftFiles(below: "Sources") {
            for mark in ["TODO", "FIXME", "XXX", "not implemented"] {
                #expect(!SourceTree.text(file).contains(mark), "\(file) contains \(mark)")
            }
        }
    }

    /// The top level is the one that was asked for.
    @Test func topLevelIsAsAgreed() throws {
        let agreed: Set = ["Package.swift", "Sources", "Tests", "schemas", "samples", "Makefile", "README.md"]
        let written: Set = ["out", "Package.resolved"]
        let names = try FileManager.default.contentsOfDirectory(atPath: Repository.root).filter { !$0.hasPrefix(".") }
        #expect(Set(names).subtracting(written).isSubset(of: agreed), "\(names)")
        #expect(agreed.isSubset(of: Set(names)), "\(names)")
    }

    /// Foundation's parts of paths trap on names of one character; `FileSystem` has them by bytes.
    @Test func pathsAreTakenApartByBytes() {
        let banned = [
            "deletingLastPathComponent", "lastPathComponent", "pathExtension", "deletingPathExtension",
            "appendingPathComponent", "appendingPathExtension", "pathComponents",
        ]
        for file in SourceTree.swiftFiles(below: "Sources") {
            let text = SourceTree.text(file)
            for word in banned { #expect(!text.contains("." + word), "\(file) uses \(word)") }
        }
    }

    /// Library code reports through values and errors; only the top prints.
    @Test func onlyTheTopPrints() {
        for target in SourceTree.targets where !["Commands", "samdata", "samdata-bench"].contains(target) {
            for file in SourceTree.swiftFiles(below: "Sources/" + target) {
                let prints = SourceTree.text(file).split(separator: "\n").contains {
                    $0.drop { $0 == " " }.hasPrefix("print(")
                }
                #expect(!prints, "\(file) prints")
            }
        }
    }

    /// Tests use `package` access, so that one release build serves the product and its tests.
    @Test func testsNeedNoSpecialBuild() {
        for file in Self.files where file.hasPrefix("Tests/") {
            let lines = SourceTree.text(file).split(separator: "\n")
            #expect(!lines.contains { $0.hasPrefix("@testable") }, "\(file) wants a second build of what it tests")
        }
    }
}
