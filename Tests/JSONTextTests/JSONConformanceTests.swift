import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// JSONTestSuite (Seriot, "Parsing JSON is a minefield"), where it is present.
@Suite(.enabled(if: Repository.sharedData("jsontestsuite") != nil, "needs ../shared/data")) struct JSONConformanceTests
{
    static let files: [(name: String, bytes: [UInt8])] = {
        guard let folder = Repository.sharedData("jsontestsuite/test_parsing") else { return [] }
        let names = (try? FileSystem.list(folder)) ?? []
        return names.compactMap { name in (try? FileSystem.read(folder + "/" + name)).map { (name, $0) } }
    }()

    @Test func acceptsWhatMustBeAccepted() {
        let files = Self.files.filter { $0.name.hasPrefix("y_") }
        #expect(files.count >= 95)
        for (name, bytes) in files {
            #expect(throws: Never.self, "\(name)") { try PulledTree.skip(bytes) }
            #expect(throws: Never.self, "\(name)") { try PulledTree.value(bytes) }
            // The one thing allowed by the grammar that a document may not do is to name a key twice.
            let code = Self.documentFailure(bytes)?.code
            #expect(code == (name.hasPrefix("y_object_duplicated_key") ? .duplicateKey : nil), "\(name)")
        }
    }

    @Test func refusesWhatMustBeRefused() {
        let files = Self.files.filter { $0.name.hasPrefix("n_") }
        #expect(files.count >= 188)
        for (name, bytes) in files {
            #expect(throws: JSONError.self, "\(name)") { try PulledTree.skip(bytes) }
            #expect(throws: JSONError.self, "\(name)") { try PulledTree.value(bytes) }
            #expect(Self.documentFailure(bytes) != nil, "\(name)")
        }
    }

    /// Where the standard leaves it open: numbers beyond the range are read as infinite (refused in documents), half
    /// surrogates as U+FFFD, a byte order mark is skipped; any other encoding and nesting over 128 are refused.
    @Test func decidesTheOpenCases() {
        let accepted = [
            "i_number_", "i_object_key_lone_2nd_surrogate", "i_string_1st_surrogate_but_2nd_missing",
            "i_string_1st_valid_surrogate_2nd_invalid", "i_string_incomplete_surrogate",
            "i_string_invalid_lonely_surrogate",
            "i_string_invalid_surrogate", "i_string_inverted_surrogates", "i_string_lone_second_surrogate",
            "i_structure_UTF-8_BOM",
        ]
        let outOfRange = ["huge_exp", "overflow"]
        for (name, bytes) in Self.files where name.hasPrefix("i_") {
            let isAccepted = accepted.contains { name.hasPrefix($0) }
            #expect(((try? PulledTree.skip(bytes)) != nil) == isAccepted, "\(name)")
            #expect(((try? PulledTree.value(bytes)) != nil) == isAccepted, "\(name)")
            let isInRange = name.contains("huge_neg_exp") || !outOfRange.contains { name.contains($0) }
            #expect((Self.documentFailure(bytes) == nil) == (isAccepted && isInRange), "\(name)")
        }
    }

    static func documentFailure(_ bytes: [UInt8]) -> JSONError? {
        do {
            _ = try bytes.withUnsafeBytes { try JSONDocument.parse($0) }
            return nil
        } catch {
            return error as? JSONError
        }
    }
}

/// Mutated texts: no crash, no hang, and the three readers agree.
@Suite struct JSONFuzzTests {
    static let seeds: [String] = [
        #"{"images": [{"id": 1, "file_name": "a\u0000\ud83d\ude00é.png", "width": 640.0, "height": 480}], "x": null}"#,
        #"[{"segmentation": [[1.5, 2, 300.25, -4e-2, 5]], "iscrowd": 0, "bbox": [0, 1, 2.5, 3]}, true, false, "\\\""]"#,
        #"{"size": [10, 20], "counts": "abc\\def", "n": 18446744073709551616, "deep": [[[[{"a": {"b": []}}]]]]}"#,
    ]

    @Test(arguments: seeds.indices) func mutationsAreReadOrRefused(seed: Int) throws {
        let original = Array(Self.seeds[seed].utf8)
        let alphabet = Array(#"{}[]",:\ue0123456789.-+tfn"#.utf8) + [0, 9, 10, 32, 0x80, 0xc3, 0xa9, 0xed, 0xff]
        var accepted = 0
        for round in 0..<4000 {
            var random = CounterRandom(seed: UInt64(seed), sample: UInt64(round), purpose: RandomPurpose("json.fuzz"))
            var bytes = original
            for _ in 0..<1 + random.index(below: 3) {
                let place = random.index(below: bytes.count)
                switch random.index(below: 5) {
                case 0: bytes[place] = alphabet[random.index(below: alphabet.count)]
                case 1: bytes.insert(alphabet[random.index(below: alphabet.count)], at: place)
                case 2: bytes.remove(at: place)
                case 3: bytes.removeSubrange(place...)
                default: bytes.insert(contentsOf: original[..<random.index(below: original.count)], at: place)
                }
                if bytes.isEmpty { bytes = [0x20] }
            }
            let skipped = (try? PulledTree.skip(bytes)) != nil
            let pulled = try? PulledTree.value(bytes)
            #expect(skipped == (pulled != nil), "\(String(decoding: bytes, as: UTF8.self))")
            if let failure = JSONConformanceTests.documentFailure(bytes) {
                #expect(
                    !skipped || failure.code == .duplicateKey || failure.code == .range,
                    "\(failure): \(String(decoding: bytes, as: UTF8.self))")
            } else {
                let document = try bytes.withUnsafeBytes { try JSONDocument.parse($0) }
                #expect(document == pulled, "\(String(decoding: bytes, as: UTF8.self))")
                #expect(try JSONDocument.parse(document.text()) == document)
                #expect(try JSONDocument.parse(document.text(pretty: true)) == document)
                accepted += 1
            }
        }
        #expect(accepted > 100)
    }
}
