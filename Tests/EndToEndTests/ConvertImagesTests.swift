import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata convert` without `--images`.
@Suite struct ConvertImagesTests {
    private func convert(_ arguments: [String], in data: TemporaryDirectory) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["convert"] + arguments, in: data.path)
    }

    @Test func imagesBesideTheLabelsAreFound() throws {
        let data = try ConvertTests.dataset()
        let found = try convert(["coco", "labels.json", "-o", "found"], in: data)
        #expect(found.status == 0, "\(found.stderr)")
        let named = try convert(["coco", "labels.json", "--images", "images", "-o", "named"], in: data)
        #expect(named.status == 0, "\(named.stderr)")
        for name in try FileSystem.list(data.file("named")) {
            let (a, b) = (
                try FileSystem.read(data.file("found/" + name)), try FileSystem.read(data.file("named/" + name))
            )
            #expect(a == b, "\(name)")
        }
    }

    /// As COCO has it: labels in `annotations`, images beside that folder.
    @Test(arguments: ["coco", "lvis"]) func imagesBesideTheAnnotationsAreFound(format: String) throws {
        let data = try ConvertTests.dataset()
        try FileSystem.createDirectory(data.file("annotations"))
        try AtomicFileWriter.write(FileSystem.read(data.file("labels.json")), to: data.file("annotations/train.json"))
        let run = try convert([format, "annotations/train.json", "-o", "out", "--json"], in: data)
        #expect(run.status == 0, "\(run.stderr)")
        #expect(try JSONDocument.parse(run.stdout)["images"]?["converted"]?.int == 3)
    }

    @Test func placesAreNamed() throws {
        let data = try ConvertTests.dataset()
        try FileSystem.createDirectory(data.file("annotations"))
        try AtomicFileWriter.write(
            String(decoding: FileSystem.read(data.file("labels.json")), as: UTF8.self).replacing(".png", with: ".tif"),
            to: data.file("annotations/train.json"))
        let run = try convert(["coco", "annotations/train.json", "-o", "out"], in: data)
        #expect(run.status == 66, "\(run.stderr)")
        for word in ["annotations/images", "annotations, images", "--images", ".tif", "annotations/train.json"] {
            #expect(run.stderr.contains(word), "\(word): \(run.stderr)")
        }
        #expect(!FileSystem.exists(data.file("out")))
        // What the user names is not looked for elsewhere.
        let named = try convert(["coco", "labels.json", "--images", "annotations", "-o", "out"], in: data)
        #expect(named.status == 66 && named.stderr.contains("Is --images the directory"), "\(named.stderr)")
    }
}
