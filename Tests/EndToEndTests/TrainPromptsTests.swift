import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata train` with prompts in rounds and other losses.
@Suite struct TrainPromptsTests {
    private func steps(_ directory: TemporaryDirectory) throws -> [JSONValue] {
        let log = try FileSystem.read(directory.file("run/metrics.jsonl"))
        return try String(decoding: log, as: UTF8.self).split(separator: "\n")
            .map { try JSONDocument.parse(String($0)) }.filter { $0["kind"]?.string == "step" }
    }

    /// Each protocol trains to a model of its own, the same for any number of threads, and logs its first and last round.
    @Test func protocolsTrainAndAreLogged() throws {
        let directory = try TrainingFixture.prepared()
        var models: [[UInt8]] = []
        for prompts in ["single", "interactive", "micro-sam"] {
            var runs: [[UInt8]] = []
            for threads in ["1", "3"] {
                let run = try TrainingFixture.train(
                    ["--set", "prompts=\(prompts)", "--threads", threads, "--epochs", "1", "--force"], in: directory)
                #expect(run.status == 0, "\(run.stderr)")
                runs.append(try FileSystem.read(directory.file("run/checkpoints/last/model.safetensors")))
            }
            #expect(runs[0] == runs[1], "\(prompts)")
            models.append(runs[0])
            let steps = try steps(directory)
            let rounds = steps.compactMap { step -> [Double]? in
                guard let first = step["first_mask_iou"]?.double, let last = step["last_mask_iou"]?.double,
                    let mean = step["mask_iou"]?.double
                else { return nil }
                return [first, last, mean]
            }
            #expect(!steps.isEmpty && rounds.count == steps.count)
            if prompts == "single" { #expect(rounds.allSatisfy { $0[0] == $0[2] && $0[1] == $0[2] }) }
        }
        #expect(Set(models).count == 3)
    }

    @Test func lossesAreNamedSummedAndLogged() throws {
        let directory = try TrainingFixture.prepared()
        let run = try TrainingFixture.train(
            [
                "--loss", "tversky=1,boundary=0.5,iou-l1=1", "--set", "loss-points=64", "--epochs", "1",
            ], in: directory)
        #expect(run.status == 0, "\(run.stderr)")
        for step in try steps(directory) {
            let parts = ["tversky", "boundary", "iou_l1"].compactMap { step[$0]?.double }
            let loss = try #require(step["loss"]?.double)
            try #require(parts.count == 3)
            #expect(abs(parts[0] + 0.5 * parts[1] + parts[2] - loss) < 1e-4 * loss)
        }
        let written = String(decoding: try FileSystem.read(directory.file("run/config.yaml")), as: UTF8.self)
        #expect(
            written.contains("loss: {focal: 0, dice: 0, iou: 0, bce: 0, iou-l1: 1, boundary: 0.5, tversky: 1}\n"),
            "\(written)")
        let named = try TrainingFixture.train(["--loss", "dice-focal", "--epochs", "1", "--force"], in: directory)
        #expect(named.status == 0, "\(named.stderr)")
    }

    @Test func whatCannotBeIsRefused() throws {
        let directory = try TrainingFixture.prepared()
        let single = try TrainingFixture.train(
            ["--set", "prompts=single", "--set", "prompt-rounds=3"], in: directory)
        #expect(single.status == 64 && single.stderr.contains("interactive or micro-sam"), "\(single.stderr)")
        let unknown = try TrainingFixture.train(["--loss", "dice-foc"], in: directory)
        #expect(unknown.status == 64 && unknown.stderr.contains("dice-focal"), "\(unknown.stderr)")
    }
}
