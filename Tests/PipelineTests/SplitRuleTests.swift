import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct SplitRuleTests {
    @Test(arguments: [
        "", "train", "train=", "=1", "train=0.5", "train=0.5,val=0.6", "train=1,val=0", "a=0.5,a=0.5", "a/b=1", "..=1",
        ".=1", "train=0.5,,val=0.5", "train=nan", "train=-1,val=2", "a b=1",
    ])
    func malformedPartsAreNamed(text: String) {
        let error = #expect(throws: PipelineError.self) { try SplitRule(text, seed: 0) }
        #expect(error?.code == .split)
        #expect(error?.kind == .usage)
    }

    /// `int(hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()[:16], 16) / 2**64` in Python.
    @Test func drawsAreTheDocumentedHash() throws {
        let draws = [
            "a/small.png": 0.8179131988185534, "b/large.png": 0.4552252068985758, "müll.jpg": 0.15846052868505314,
        ]
        for (name, draw) in draws {
            for cut in [draw - 1e-9, draw + 1e-9] {
                let rule = try SplitRule("a=\(cut),b=\(1 - cut)", seed: 5)
                #expect(rule.part(of: name) == (draw < cut ? 0 : 1), "\(name) at \(cut)")
            }
        }
    }

    @Test func sharesAreKeptAndNothingMoves() throws {
        let rule = try SplitRule("train=0.8,val=0.15,test=0.05", seed: 9)
        let parts = (0..<4000).map { rule.part(of: "image \($0).png") }
        for (part, share) in [(0, 0.8), (1, 0.15), (2, 0.05)] {
            let seen = Double(parts.count { $0 == part }) / 4000
            #expect(abs(seen - share) < 0.02)
        }
        let other = try SplitRule("train=0.8,val=0.15,test=0.05", seed: 10)
        #expect((0..<4000).contains { other.part(of: "image \($0).png") != parts[$0] })
    }

    @Test func foldersStayTogether() throws {
        let rule = try SplitRule("train=0.5,val=0.5", group: .folder, seed: 2)
        for folder in 0..<50 {
            let parts = Set((0..<20).map { rule.part(of: "videos/\(folder)/\($0).jpg") })
            #expect(parts.count == 1)
        }
        #expect(Set((0..<50).map { rule.part(of: "videos/\($0)/0.jpg") }) == [0, 1])
    }

    @Test func addingImagesMovesNone() throws {
        var data = try SmallDataset()
        try data.addImages(10)
        let rule = try SplitRule("train=0.5,val=0.5", seed: 4)
        func membership(_ data: SmallDataset) throws -> [String: String] {
            let (summary, _) = try data.convert { $0.split = rule }
            var parts: [String: String] = [:]
            for part in summary.parts {
                for shard in part.manifest.shards { for record in shard.records { parts[record.imageID] = part.name } }
            }
            return parts
        }
        let before = try membership(data)
        try data.writeImage("extra.png", width: 16, height: 16)
        try data.add("{\"id\": 50, \"file_name\": \"extra.png\", \"width\": 16, \"height\": 16}", to: "images")
        let after = try membership(data)
        #expect(Set(before.values) == ["train", "val"])
        #expect(after.count == before.count + 1)
        for (image, part) in before { #expect(after[image] == part) }
    }

    @Test func emptyPartIsNamed() throws {
        let data = try SmallDataset()
        let (summary, samples) = try data.convert { options in
            options.split = try? SplitRule("train=0.999999,val=0.000001", seed: 0)
        }
        #expect(samples.count == 3)
        #expect(summary.parts[1].manifest.shards.isEmpty)
        #expect(summary.counts.map(\.rule) == ["split.empty"])
        #expect(try ShardSet(path: data.output + "/val").count == 0)
    }

    @Test func commandIsWhatAShellTakes() throws {
        var options = ConversionOptions(input: "my labels.json", images: "it's", output: "o")
        options.split = try SplitRule("train=0.75,val=0.25", group: .folder, seed: 3)
        options.seed = 3
        options.ringRule = .evenOdd
        #expect(
            options.command
                == "samdata convert coco 'my labels.json' --images 'it'\\''s' --split train=0.75,val=0.25 --group-by folder --shard-size 256000000 --on-error report --rings even-odd --exif raw --seed 3"
        )
    }
}
