import Annotations
import Foundation
import Runtime
import TestSupport
import Testing

/// The quick ways of reading a COCO file (elements read at once, lists read in pieces by several workers) against reading
/// it key by key on one thread: the same elements, findings, places and errors, in the same order.
@Suite struct COCOSpeedTests {
    /// Holds all ways of reading a text against the slow one.
    private func expectTheSame(_ text: String, pieceSizes: [Int] = [70, 400], _ note: String = "") {
        let bytes = Array(text.utf8)
        for passes in [false, true] {
            let expected = Workers.with(1) {
                COCORecorder.events(of: bytes, passesAnnotations: passes, memberByMember: true)
            }
            for size in pieceSizes {
                for usesParts in passes ? [false] : [false, true] {
                    let all = atEveryWorkerCount {
                        COCORecorder.events(
                            of: bytes, usesParts: usesParts, passesAnnotations: passes, pieceSize: size)
                    }
                    for (events, workers) in zip(all, [1, 2, 3, 7]) where events != expected {
                        let first = zip(events, expected).first { $0 != $1 }
                        Issue.record(
                            """
                            \(note) passes \(passes), pieces of \(size), parts \(usesParts), \(workers) workers: \
                            \(events.count) events for \(expected.count), first \(first.map { "\($0)" } ?? "-"), \
                            of \(text.prefix(2000))
                            """)
                        return
                    }
                }
            }
        }
    }

    // MARK: Texts

    private static func number(_ random: inout CounterRandom) -> String {
        switch random.index(below: 12) {
        case 0: String(random.index(below: 1000))
        case 1: "\(random.index(below: 100)).0"
        case 2: "-\(random.index(below: 100)).25"
        case 3: "\(random.uniform() * 1000)"
        default: "\(Double(random.index(below: 60_000)) / 100)"
        }
    }

    private static func ring(_ random: inout CounterRandom, _ comma: String) -> String {
        let count = random.index(below: 6) == 0 ? random.index(below: 4) : 6 + random.index(below: 30)
        return "[" + (0..<count).map { _ in number(&random) }.joined(separator: comma) + "]"
    }

    /// An annotation whose members are in an order of the file's own, with now and then one that is unusual.
    private static func annotation(_ id: Int, order: Int, _ random: inout CounterRandom) -> String {
        let isPretty = order % 4 == 3
        let comma = isPretty ? ",\n   " : order % 2 == 0 ? ", " : ","
        let colon = order % 2 == 0 ? ": " : ":"
        var segmentation =
            "["
            + (0..<1 + random.index(below: 3)).map { _ in ring(&random, comma) }
            .joined(separator: comma) + "]"
        switch random.index(below: 12) {
        case 0: segmentation = "{\"size\"\(colon)[40\(comma)50], \"counts\": \"a}],{\\\\\"}"
        case 1: segmentation = "{\"counts\": [3, 4, 5], \"size\": [3, 4]}"
        default: break
        }
        var members = [
            "\"segmentation\"\(colon)\(segmentation)", "\"area\"\(colon)\(number(&random))", "\"iscrowd\"\(colon)0",
            "\"image_id\"\(colon)\(1 + id / 3)", "\"bbox\"\(colon)[1\(comma)2.5\(comma)3.0\(comma)4]",
            "\"category_id\"\(colon)\(1 + id % 3)", "\"id\"\(colon)\(id)",
        ]
        if order >= 4 {
            members.append("\"attributes\"\(colon){\"note\": \"},{\\\"segmentation\\\"\", \"n\": [1, {}]}")
        }
        if order >= 6 { members.swapAt(0, order % members.count) }
        switch random.index(below: 40) {
        case 0: members.remove(at: random.index(below: members.count))
        case 1: members.append(members[random.index(below: members.count)])
        case 2: members.append("\"score\": NaN")
        case 3: members[random.index(below: members.count)] = "\"id\": \"x\""
        case 4: members.append("\"parts\": [{\"a\": 1},{\"segmentation\": 2}, {\"segmentation\": [[1]]}]")
        case 5: members.append("\"caf\u{e9}\": \"\\ud800\"")
        case 6: members[1] = "\"area\": null"
        case 7: members[0] = "\"segmentation\": [1, 2, 3, 4, 5, 6]"
        default: break
        }
        return "{" + members.joined(separator: isPretty ? ",\n  " : comma) + "}"
    }

    private static func image(_ id: Int, _ random: inout CounterRandom) -> String {
        switch random.index(below: 20) {
        case 0: "{\"id\": \(id)}"
        case 1: "{\"id\": \(id), \"file_name\": \"\\u00e9\(id).png\", \"width\": 3.0}"
        case 2: "{\"license\": 3, \"license\": 4, \"id\": \(id), \"file_name\": \"\(id)\"}"
        default:
            "{\"license\": 3, \"file_name\": \"\(id)\u{e9}.jpg\", \"coco_url\": \"http://x/{\(id)},{\", \"height\": 48\(id % 10), \"width\": 640, \"id\": \(id)}"
        }
    }

    private static func file(_ seed: Int, annotations count: Int) -> String {
        var random = CounterRandom(seed: UInt64(seed), purpose: RandomPurpose("coco text"))
        let separator = [", ", ",\n", ",", " ,\r\n "][seed % 4]
        let images =
            "\"images\": ["
            + (1...max(1, count / 3 + 1)).map { image($0, &random) }
            .joined(separator: separator) + "]"
        let annotations =
            "\"annotations\": ["
            + (0..<count).map { annotation($0, order: seed % 10, &random) }
            .joined(separator: separator) + "]"
        let categories =
            "\"categories\": ["
            + (1...3).map { "{\"id\": \($0), \"name\": \"c\($0)\"}" }
            .joined(separator: separator) + "]"
        let lists = seed % 3 == 0 ? [annotations, images, categories] : [images, categories, annotations]
        return "{\"info\": {\"a\": [1, 2]},\n" + lists.joined(separator: ",\n") + "}\n"
    }

    // MARK: Tests

    @Test(arguments: 0..<20)
    func generatedFiles(seed: Int) {
        expectTheSame(Self.file(seed, annotations: 40), pieceSizes: [90, 700], "seed \(seed)")
    }

    @Test func mutatedFiles() {
        var random = CounterRandom(seed: 9, purpose: RandomPurpose("mutations"))
        let letters = Array("{}[]\",:\\0-.eN \n".utf8)
        for round in 0..<120 {
            var bytes = Array(Self.file(round % 10, annotations: 12).utf8)
            for _ in 0..<1 + random.index(below: 3) {
                let place = random.index(below: bytes.count)
                switch random.index(below: 3) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(letters[random.index(below: letters.count)], at: place)
                default: bytes[place] = letters[random.index(below: letters.count)]
                }
            }
            expectTheSame(String(decoding: bytes, as: UTF8.self), pieceSizes: [150], "round \(round)")
        }
    }

    @Test func cutFiles() {
        for seed in [1, 3, 7] {
            let text = Self.file(seed, annotations: 12)
            for end in stride(from: 1, to: text.utf8.count, by: 97) {
                expectTheSame(
                    String(decoding: text.utf8.prefix(end), as: UTF8.self), pieceSizes: [150], "seed \(seed) to \(end)")
            }
        }
    }

    /// What looks like the start of an element, in texts and in objects inside elements, longer than pieces are.
    @Test func cutsThatAreNone() {
        let decoy = "}, {\"segmentation\": [[1, 2, 3, 4, 5, 6]], \"image_id\": 1, \"category_id\": 1, \"id\": 5"
        let text = "\"" + String(repeating: decoy, count: 20).replacingOccurrences(of: "\"", with: "\\\"") + "\""
        let objects = "[{\"a\": 1" + String(repeating: decoy, count: 20) + "}]"
        for value in [text, objects, "[\(text), \(objects)]"] {
            let annotations = (0..<30).map {
                "{\"segmentation\": [[1, 2, 3, 4, 5, 6.5]], \"image_id\": 1, \"category_id\": 1, \"id\": \($0), \"x\": "
                    + ($0 % 7 == 3 ? value : "null") + "}"
            }
            expectTheSame(
                "{\"images\": [{\"id\": 1, \"file_name\": \"a\"}], \"annotations\": ["
                    + annotations.joined(separator: ", ") + "], \"categories\": []}", pieceSizes: [64, 300, 2000])
        }
    }

    /// The list ends long before the text does, and what follows looks like its elements.
    @Test func listsThatEndEarly() {
        let element = "{\"segmentation\": [[1, 2, 3, 4, 5, 6]], \"image_id\": 1, \"category_id\": 1, \"id\": 5}"
        let list = "[" + Array(repeating: element, count: 30).joined(separator: ", ") + "]"
        for text in [
            "{\"annotations\": \(list), \"other\": \(list), \"images\": []}",
            "{\"annotations\": \(list), \"annotations\": \(list)}", "{\"annotations\": \(list), \"images\": \(list)}",
            "{\"annotations\": \(list)} \(list)", "{\"annotations\": \(list), \"images\": [\(list)}",
            "{\"annotations\": [3, \(list.dropFirst()), \"images\": []}", "{\"\\ud800\": 1, \"annotations\": \(list)}",
            "{\"annotations\": [{\"\\ud800\": \(list)}, \(list.dropFirst())}",
            "{\"annotations\": [\(list), \(list.dropFirst())}",
        ] {
            expectTheSame(text, pieceSizes: [64, 200])
        }
    }

    /// Whatever the visitor throws at, no more is visited, on any number of workers.
    @Test func visitorsStopTheScan() {
        let bytes = Array(Self.file(1, annotations: 40).utf8)
        let all = Workers.with(1) { COCORecorder.events(of: bytes, memberByMember: true) }
        for limit in [1, 2, 17, 30, all.count - 1] {
            let results = atEveryWorkerCount { COCORecorder.events(of: bytes, pieceSize: 100, limit: limit) }
            for result in results {
                #expect(result.count == limit + 1)
                #expect(result.dropLast() == all.prefix(limit))
            }
        }
    }

    /// Visitors that keep annotations have them for good, though their arrays are used again.
    @Test func keptAnnotationsStayAsTheyWere() throws {
        let bytes = Array(Self.file(2, annotations: 60).utf8)
        let expected = try COCOReader.read(bytes).dataset
        for usesParts in [false, true] {
            struct Keeper: COCOVisitor {
                let usesParts: Bool
                var kept: [COCOAnnotation] = []
                mutating func visit(_ annotation: COCOAnnotation) { kept.append(annotation) }
                mutating func report(_ finding: Finding, dropped: COCOSection?) {}
                func emptyPart() -> COCORecorder.Part? { usesParts ? COCORecorder.Part() : nil }
                mutating func take(_ part: COCORecorder.Part, linesBefore: Int) { kept += part.annotations }
            }
            let results = try atEveryWorkerCount {
                var keeper = Keeper(usesParts: usesParts)
                try bytes.withUnsafeBytes { try COCOReader.scan($0, pieceSize: 200, &keeper) }
                return keeper.kept
            }
            for kept in results { #expect(kept == expected.annotations) }
        }
    }

    /// A regular file is read by the quick ways indeed: its lists are cut where elements start.
    @Test func filesOnDiskAreTheSame() throws {
        let directory = try TemporaryDirectory()
        for seed in 0..<4 {
            let text = Self.file(seed, annotations: 200)
            try Data(text.utf8).write(to: URL(fileURLWithPath: directory.file("a.json")))
            let expected = Workers.with(1) { COCORecorder.events(of: Array(text.utf8), memberByMember: true) }
            let results = try atEveryWorkerCount {
                var recorder = COCORecorder(usesParts: true)
                try COCOReader.scan(path: directory.file("a.json"), pieceSize: 1000, &recorder)
                return recorder.events
            }
            for result in results {
                #expect(
                    result == expected.map { $0.replacingOccurrences(of: "a.json", with: directory.file("a.json")) })
            }
        }
    }
}
