import Augmentation
import Pipeline
import Runtime
import TestSupport
import Testing

/// What `inspect --stages` takes.
@Suite struct AugmentationPreviewTests {
    @Test(arguments: [
        ("[HorizontalFlip, {Affine: {rotate: 30}}]", 2, []), ("[{Affine: {rotate: 30}}]", 1, []),
        ("{steps: [D4, ToGray], min_area: 5}", 2, []), ("augment: [D4]\n", 1, []),
        ("{augment: {steps: [D4], min_area: 9}}", 1, []), ("[{augment: {steps: [D4, D4]}}]", 2, []),
        ("[{augment: {steps: [D4]}}, {augment: {steps: [D4]}}]", 2, []),
        (
            "stages:\n  - filter: {min-area: 100}\n  - augment: {steps: [D4]}\n  - resize: {longest-side: 9}\n", 0,
            ["filter", "augment", "resize"]
        ),
        ("[parse, {augment: {steps: [D4]}}]", 0, ["augment"]), ("[{resize: {longest-side: 9}}]", 0, ["resize"]),
    ]) func formsAreTold(text: String, steps: Int, stages: [String]) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("stages.yaml")
        try AtomicFileWriter.write(text, to: path)
        for argument in [text, path] {
            switch try AugmentationPreview(argument, seed: 1) {
            case .steps(let chain): #expect(chain.steps.count == steps && stages.isEmpty)
            case .stages(let file): #expect(file.stages.map(\.name) == stages && steps == 0)
            }
        }
    }

    /// Every stage is checked, and what is wrong names where it is in the words of a pipeline.
    @Test(arguments: [
        ("[{resize: 64}, {augment: {steps: [D4]}}]", "the settings of resize must be a mapping"),
        ("[{resize: {longest: 64}}, {augment: {steps: [D4]}}]", "resize has no setting \"longest\""),
        ("[{tile: {size: 0}}, {augment: {steps: [D4]}}]", "tile: size"), ("[parse]", "there is no stage"),
        ("[{parse: {exif: turned}}, {resize: {longest-side: 9}}]", "exif"),
        ("[{augmnt: {steps: [D4]}}]", "there is no stage \"augmnt\""), ("[HorizontalFlp]", "HorizontalFlip"),
        ("[{Affine: {rotate: much}}]", "Affine: rotate is \"much\""), ("[", "the text of stages is not valid YAML"),
        ("{}", "no list \"stages\""),
        ("a: &a [D4, D4]\nb: &b [*a, *a, *a]\nsteps: [*b, *b]", "augment has no setting \"a\""),
    ]) func mistakesAreNamed(text: String, phrase: String) throws {
        let error = #expect(throws: PipelineError.self) { try AugmentationPreview(text, seed: 0) }
        #expect(error?.message.contains(phrase) == true, "\(error?.message ?? "")")
        #expect(error?.codeName.hasPrefix("pipeline.") == true)
        let directory = try TemporaryDirectory()
        let path = directory.file("stages.yaml")
        try AtomicFileWriter.write(text, to: path)
        let placed = #expect(throws: PipelineError.self) { try AugmentationPreview(path, seed: 0) }
        #expect(placed?.location?.path == path)
    }

    /// A file's content is quoted as far as people read.
    @Test func longThingsAreCut() throws {
        let long = String(repeating: "x", count: 200_000)
        for text in [
            String(repeating: "[", count: 100_000), "[\(long)]", "[{\(long): 1}]", "[{Affine: {rotate: \(long)}}]",
            "[{Affine: {\(long): 1}}]", "[{filter: {crowd: \(long)}}]", "[{tile: {size: \(long)}}]",
        ] {
            let error = #expect(throws: PipelineError.self) { try AugmentationPreview(text, seed: 0) }
            let count = error?.message.count ?? .max
            #expect(count < 2000, "\(count) characters: \(error?.message.prefix(80) ?? "")")
        }
    }

    /// Few bytes that stand for many values are refused before they are many.
    @Test func aliasesOfAliasesAreBounded() throws {
        var text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        for level in 1..<9 {
            let names = (0..<9).map { _ in "*a\(level - 1)" }.joined(separator: ", ")
            text += "a\(level): &a\(level) [\(names)]\n"
        }
        for last in ["steps: [*a8]\n", "stages: [{filter: {where: *a8}}]\n"] {
            #expect(throws: PipelineError.self) { try AugmentationPreview(text + last, seed: 0) }
        }
        let inline = text.split(separator: "\n").map { "{" + $0 + "}" }.joined(separator: ", ")
        #expect(throws: PipelineError.self) { try PipelineFile(text: "[{filter: {where: [\(inline)]}}]", path: nil) }
    }
}
