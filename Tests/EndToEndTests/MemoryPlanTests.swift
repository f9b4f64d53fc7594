import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// What `samdata train` says of its memory beforehand, beside what it then takes, on large images and uneven ones.
@Suite struct MemoryPlanTests {
    /// Shards of six images of 2000 x 1500: one with 16 objects, the others with one.
    private func prepared() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        var images: [String] = []
        var annotations: [String] = []
        for number in 1...6 {
            try AtomicFileWriter.write(
                try ConvertFixture.image(width: 2000, height: 1500), to: directory.file("\(number).png"))
            images.append(#"{"id":\#(number),"file_name":"\#(number).png","width":2000,"height":1500}"#)
            for index in 0..<(number == 1 ? 16 : 1) {
                let (x, y, id) = (index % 4 * 480 + 20, index / 4 * 360 + 20, number * 16 + index)
                annotations.append(
                    #"{"id":\#(id),"image_id":\#(number),"category_id":1,"iscrowd":0,"#
                        + #""segmentation":[[\#(x),\#(y),\#(x + 300),\#(y),\#(x + 300),\#(y + 250),\#(x),\#(y + 250)]]}"#
                )
            }
        }
        try TrainingFixture.writeShards(images, annotations, in: directory)
        return directory
    }

    /// The plan is no less than what is used, and not much more than the most that three runs use: it has every worker prepare
    /// an image while the step is at its peak, which on a busy machine does not happen in every run.
    @Test(arguments: [
        [], ["--val", "shards", "--set", "report-clicks=0", "--set", "report-automatic=0"], ["--batch-size", "4"],
        ["--batch-size", "2"],
        ["--batch-size", "4", "--shuffle", "none"], ["--set", "augment-steps=[D4]"],
        ["--set", "augment-steps=[{CopyPaste: {p: 1}}, {GaussianBlur: {p: 1}}, D4]"],
        ["--set", "augment-steps=[{Mosaic: {target_size: [1500, 1500], cell_shape: [1000, 1000], p: 1}}]"],
        ["--set", "augment-steps=[{ElasticTransform: {p: 1}}, {Resize: {height: 512, width: 512}}]"],
    ])
    func thePlanCoversWhatIsUsed(options: [String]) throws {
        let directory = try prepared()
        var (planned, used) = (0, 0)
        for number in 1...3 where planned >= used * 5 / 4 + (48 << 20) || number == 1 {
            let run = try BuiltBinary.run(
                [
                    "train", "shards", "--weights", Repository.root + "/samples/nuclei/nano.safetensors", "--epochs",
                    "2", "--accumulate", "1", "--prompts", "single", "--json", "--threads", "2", "-o", "run\(number)",
                ] + options, in: directory.path)
            #expect(run.status == 0, "\(run.stderr)")
            let document = try JSONDocument.parse(run.stdout)
            planned = try #require(document["planned_memory_bytes"]?.int)
            used = max(used, try #require(document["peak_memory_bytes"]?.int))
            #expect(planned >= used, "planned \(planned), used \(used)")
        }
        #expect(planned < used * 5 / 4 + (48 << 20), "planned \(planned), used \(used)")
    }
}
