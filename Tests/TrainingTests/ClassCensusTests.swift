import Pipeline
import Shards
import TestSupport
import Testing
import Training

/// What an epoch shows of each class is counted as the loader will bring it.
@Suite struct ClassCensusTests {
    private static func census(
        repeats: [Double] = [1, 1, 1, 1], validationNames: [String] = ["disc 2", "ring"],
        in directory: TemporaryDirectory
    ) throws -> ClassCensus {
        // Four images with an object of each of two classes; the manifest names a third class that none shows.
        let samples = try TrainingFixture.samples(4, classes: 2)
        let classes = [(1, "disc 1"), (2, "disc 2"), (7, "square")].map {
            ShardClass(categoryID: $0.0, name: $0.1)
        }
        try ShardSetWriter.write(
            samples, manifest: ShardManifest(name: "discs", classes: classes), to: directory.file("train"))
        // The validation's ids are others; names are what counts.
        let validation = validationNames.enumerated().map {
            ShardClass(categoryID: Int64($0.offset + 1), name: $0.element)
        }
        try ShardSetWriter.write(
            Array(samples[..<3]), manifest: ShardManifest(name: "discs", classes: validation),
            to: directory.file("val"))
        let set = try ShardSet(path: directory.file("train"))
        return ClassCensus(
            records: (0..<set.count).map { index in
                var entry = set.entry(at: index)
                entry.repeats = repeats[index]
                return entry
            }, classes: set.manifest.classes, validation: try ShardSet(path: directory.file("val")).manifest)
    }

    @Test func classesAreCounted() throws {
        let rows = try Self.census(in: try TemporaryDirectory()).rows
        #expect(rows.map(\.name) == ["disc 1", "disc 2", "square", "ring"])
        #expect(rows.map(\.images) == [4, 4, 0, 0] && rows.map(\.objects) == [4, 4, 0, 0])
        #expect(rows.map(\.objectsPerEpoch) == [4, 4, 0, 0])
        #expect(rows.map(\.validationObjects) == [0, 3, 0, 3])
    }

    /// Nobody is trained on crowds, or judged by them: a class of crowds alone is as good as none.
    @Test func crowdsDoNotCount() throws {
        let directory = try TemporaryDirectory()
        var samples = try TrainingFixture.samples(4, classes: 2)
        for index in samples.indices {
            samples[index].objects[1].isCrowd = true
            if index == 3 { samples[index].objects[0].isCrowd = true }
        }
        try TrainingFixture.write(samples, to: directory.path)
        let set = try ShardSet(path: directory.path)
        #expect(set.manifest.objectCount == 8, "they are in the shards all the same")
        let census = ClassCensus(
            records: (0..<set.count).map(set.entry), classes: set.manifest.classes, validation: set.manifest)
        #expect(census.rows.map(\.objects) == [3, 0] && census.rows.map(\.images) == [3, 0])
        #expect(census.rows.map(\.validationObjects) == [3, 0])
        #expect(census.rows(below: 1).map(\.name) == ["disc 2"])
    }

    /// An image that is repeated counts as often as it comes up, and one that never does not at all.
    @Test func repeatsCount() throws {
        let census = try Self.census(repeats: [2.5, 0, 1, 0.5], in: try TemporaryDirectory())
        #expect(census.rows.map(\.objectsPerEpoch) == [4, 4, 0, 0])
        #expect(census.rows.map(\.images) == [3, 3, 0, 0])
        #expect(census.rows(below: 5).map(\.name) == ["disc 1", "disc 2", "square", "ring"])
        #expect(census.rows(below: 4).map(\.name) == ["square", "ring"])
        #expect(census.rows(below: 0).isEmpty)
    }
}
