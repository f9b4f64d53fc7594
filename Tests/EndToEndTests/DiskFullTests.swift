import Foundation
import Runtime
import TestSupport
import Testing

/// A disk that is full, or a limit on the size of files, is an error that leaves nothing half-written.
@Suite struct DiskFullTests {
    static let targets: [[String]] = [[], ["--to", "coco"], ["--to", "cvat"], ["--to", "tf-od"]]

    /// Those with files for each image alone, which a limit on the size of files does not meet.
    static let perImage: [[String]] = ["yolo", "voc", "mask-folder", "labelme", "coco-panoptic"].map { ["--to", $0] }

    private static func words(_ target: [String]) -> String {
        (["convert", "coco", "labels.json", "--images", "images", "--quiet", "-o", "out"] + target).joined(
            separator: " ")
    }

    @Test(arguments: targets.indices)
    func limitsOnFilesAreErrors(index: Int) throws {
        let data = try InterruptedConversion.dataset(images: 40)
        let words = Self.words(Self.targets[index])
        let whole = try BuiltBinary.run(words.split(separator: " ").map(String.init), in: data.path)
        #expect(whole.status == 0, "\(whole.stderr)")
        let expected = try InterruptedConversion.files(in: data.file("out"))
        try FileManager.default.removeItem(atPath: data.file("out"))
        // Images fit into the limit, what holds or lists all of them does not.
        let limit = 1 + (expected.filter { $0.key.hasSuffix(".png") }.map(\.value.count).max() ?? 4096) / 1024
        let largest = try #require(expected.map(\.value.count).max())
        #expect(largest > limit * 1024)
        let failed = try BuiltBinary.runProgram(
            "/bin/bash", ["-c", "ulimit -f \(limit); exec \(BuiltBinary.path) \(words)"], in: data.path)
        #expect(failed.status == 74, "\(failed.status) \(failed.stderr)")
        #expect(failed.stderr.contains("out/"), "\(failed.stderr)")
        for (name, bytes) in try InterruptedConversion.files(in: data.file("out")) {
            #expect(expected[name] == bytes, "\(name) is there and not what it is to be")
        }
        let resumed = try BuiltBinary.run((words + " --resume").split(separator: " ").map(String.init), in: data.path)
        #expect(resumed.status == 0, "\(resumed.stderr)")
        #expect(try InterruptedConversion.files(in: data.file("out")) == expected)
    }

    /// Whether this process may mount a disk of its own.
    static let canMount: Bool =
        (try? BuiltBinary.runProgram("/bin/sh", ["-c", "unshare -m true"]).status) == 0 && getuid() == 0

    @Test(.enabled(if: canMount, "needs root"), arguments: targets + perImage)
    func fullDisksAreErrors(target: [String]) throws {
        let data = try InterruptedConversion.dataset(images: 40)
        let words = Self.words(target)
        let whole = try BuiltBinary.run(words.split(separator: " ").map(String.init), in: data.path)
        #expect(whole.status == 0, "\(whole.stderr)")
        let total = try InterruptedConversion.files(in: data.file("out")).reduce(0) { $0 + $1.value.count }
        try FileSystem.createDirectory(data.file("disk"))
        let toDisk = words.replacing("-o out", with: "-o disk/out")
        let script = """
            mount -t tmpfs -o size=\(total / 2048)k none disk && \(BuiltBinary.path) \(toDisk)
            status=$?
            find disk -name '*.tmp' -o -name manifest.json -o -name annotations.json -o -name '*.part'
            exit $status
            """
        let outcome = try BuiltBinary.runProgram("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script], in: data.path)
        #expect(outcome.status == 74, "\(outcome.status) \(outcome.stderr)")
        #expect(outcome.stderr.contains("No space left on device"), "\(outcome.stderr)")
        #expect(outcome.stdout.isEmpty, "left behind: \(outcome.stdout)")
    }
}
