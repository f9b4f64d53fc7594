import Foundation
import Runtime
import TestSupport
import Testing

/// Conversions that are killed with SIGKILL, at any moment, again and again.
@Suite struct ConvertKillTests {
    /// What is converted how: every kind of target, with stages and without.
    static let recipes: [[String]] = [
        ["--shard-size", "40KB", "--split", "train=0.7,val=0.3"],
        [
            "--shard-size", "60KB", "--stages",
            "[{deduplicate: {by: perceptual, distance: 0}}, {tile: {size: 64, halo: 16}}, {augment: {steps: [{HorizontalFlip: {p: 0.5}}]}}, {balance: {method: none, minimum: 1000}}]",
        ],
        ["--to", "coco", "--stages", "[{resize: {longest-side: 90}}]"],
        ["--to", "yolo", "--split", "train=0.7,val=0.3"],
        ["--to", "sa-1b"], ["--to", "mask-folder"], ["--to", "voc"], ["--to", "labelme"], ["--to", "cvat"],
        ["--to", "via"], ["--to", "label-studio"], ["--to", "coco-panoptic"], ["--to", "tf-od"], ["--to", "datumaro"],
    ]

    @Test(arguments: recipes.indices)
    func aKilledConversionEndsAsIfItWasNot(recipe: Int) throws {
        let data = try InterruptedConversion.dataset()
        let words = ["convert", "coco", "labels.json", "--images", "images", "--quiet"] + Self.recipes[recipe]
        try Self.kill(words, in: data, number: UInt64(recipe))
    }

    /// Folders of masks as well, with the labels beside the shards.
    @Test(arguments: [[], ["--to", "shards", "--shard-size", "40KB"]])
    func aKilledConversionOfMasksEndsAsIfItWasNot(more: [String]) throws {
        let data = try InterruptedConversion.dataset()
        let folder = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", "images", "--to", "mask-folder", "-o", "in"], in: data.path)
        #expect(folder.status == 0, "\(folder.stderr)")
        try Self.kill(["convert", "masks", "in", "--quiet"] + more, in: data, number: UInt64(more.count))
    }

    private static func kill(_ words: [String], in data: TemporaryDirectory, number: UInt64) throws {
        let whole = try BuiltBinary.run(words + ["-o", "out"], in: data.path)
        #expect(whole.status == 0, "\(whole.stderr)")
        let beside = data.file("out.coco.json")
        let labels = FileSystem.exists(beside) ? try FileSystem.read(beside) : nil
        let expected = try InterruptedConversion.files(in: data.file("out"))
        for path in [data.file("out"), beside] { try? FileManager.default.removeItem(atPath: path) }
        var random = CounterRandom(seed: 11, sample: number, purpose: RandomPurpose("conversion kills"))
        var kills = 0
        var isDone = false
        while !isDone {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: BuiltBinary.path)
            process.arguments = words + ["-o", "out", "--resume"]
            process.currentDirectoryURL = URL(fileURLWithPath: data.path)
            process.standardOutput = FileHandle.nullDevice
            let errors = data.file("stderr")
            _ = FileManager.default.createFile(atPath: errors, contents: nil)
            process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
            try process.run()
            // Later attempts live longer, so that the run gets to its end on any machine.
            usleep(UInt32(min(2000 * (kills + 1) + random.index(below: 8000 * (kills / 3 + 1)), 10_000_000)))
            if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
            if process.terminationReason == .exit {
                let message = try String(contentsOfFile: errors, encoding: .utf8)
                #expect(process.terminationStatus == 0, "\(message)")
                isDone = true
            } else {
                kills += 1
            }
        }
        #expect(kills >= 1)
        let found = try InterruptedConversion.files(in: data.file("out"))
        #expect(Set(found.keys) == Set(expected.keys))
        for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
        if let labels { #expect(try FileSystem.read(beside) == labels) }
        // Nothing that was on its way stays beside the output.
        #expect(try FileSystem.list(data.path).allSatisfy { !$0.hasSuffix(".tmp") })
    }
}
