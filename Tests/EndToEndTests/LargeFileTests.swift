import Foundation
import TestSupport
import Testing

/// A COCO file that is large enough to be read in pieces by several threads: what the commands say does not depend on them.
@Suite struct LargeFileTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// About two megabytes, with a defect now and then, on lines of their own.
    private func labels(cut: Int = 0) throws -> String {
        let images = (0..<400).map {
            "{\"license\": 1, \"id\": \($0), \"file_name\": \"\($0).png\", \"width\": 640, \"height\": 480}"
        }
        let annotations = (0..<8000).map { id -> String in
            let x = Double(id % 500) + 0.25
            var ring = "[\(x), 10, \(x + 60.5), 12.75, \(x + 60), 70.5, \(x + 30), 90, \(x), 60.25, \(x), 50, \(x), 40]"
            if id % 701 == 3 { ring = "[\(x), 10, \(x), 10, \(x), 10]" }
            let area = id % 997 == 5 ? "NaN" : id % 1201 == 7 ? "\"2\"" : "3500.125"
            let image = id % 1777 == 11 ? "4000" : "\(id / 20)"
            return """
                {"segmentation": [\(ring)], "area": \(area), "iscrowd": 0, "image_id": \(image),
                 "bbox": [\(x), 10, 60.5, 80], "category_id": \(1 + id % 2), "id": \(id + 1), "note": "},{\\"segmentation\\""}
                """
        }
        let text = """
            {"images": [\(images.joined(separator: ",\n"))],
             "annotations": [\(annotations.joined(separator: ",\n"))],
             "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]}
            """
        let path = directory.file("labels.json")
        try Data(text.utf8.dropLast(cut)).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test(arguments: [0, 500_000])
    func commandsSayTheSameOnAnyNumberOfThreads(cut: Int) throws {
        let path = try labels(cut: cut)
        for command in ["audit", "inspect"] {
            let outcomes = try ["1", "2", "3", "7"].map { threads in
                try BuiltBinary.run([command, path, "--json", "--threads", threads])
            }
            #expect(command != "audit" || outcomes[0].stdout.contains("json.non-finite"))
            #expect(outcomes[0].stdout.isEmpty == (command == "inspect" && cut > 0))
            for outcome in outcomes {
                #expect(outcome.status == outcomes[0].status, "\(command): \(outcome.stderr)")
                #expect(outcome.stdout == outcomes[0].stdout, "\(command)")
                #expect(outcome.stderr == outcomes[0].stderr, "\(command)")
            }
        }
    }
}
