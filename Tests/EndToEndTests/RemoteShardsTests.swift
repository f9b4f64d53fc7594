import JSONText
import Runtime
import TestSupport
import Testing

/// The built binary on shards of a web server.
@Suite struct RemoteShardsTests {
    /// A server of the folder `shards` of a directory.
    private func server(
        _ directory: TemporaryDirectory,
        _ fault: @escaping @Sendable (String, Int) -> RangeServer.Fault? = { _, _ in nil }
    ) throws -> RangeServer {
        var files: [String: [UInt8]] = [:]
        for name in try FileSystem.list(directory.file("shards")) {
            files["/shards/" + name] = try FileSystem.read(directory.file("shards/" + name))
        }
        return try RangeServer(files, fault: fault)
    }

    private func train(_ shards: String, _ run: String, in directory: TemporaryDirectory) throws -> [UInt8] {
        let outcome = try BuiltBinary.run(
            ["train", shards, "--val", shards, "--weights", TrainingFixture.weights, "--epochs", "2", "-o", run],
            in: directory.path)
        #expect(outcome.status == 0, "\(outcome.stderr)")
        return try FileSystem.read(directory.file(run + "/checkpoints/last/model.safetensors"))
    }

    /// The same bytes as from the disk, although a fifth of the answers fail.
    @Test func trainsAsFromDisk() throws {
        let directory = try TrainingFixture.prepared()
        let server = try server(directory) { _, number in number % 5 == 4 ? .truncated(12) : nil }
        defer { server.close() }
        let remote = try train(server.url + "/shards/", "remote", in: directory)
        #expect(try remote == train("shards", "local", in: directory))
    }

    @Test func inspectsEvaluatesAndMeasures() throws {
        let directory = try TrainingFixture.prepared()
        let server = try server(directory)
        defer { server.close() }
        let url = server.url + "/shards/"
        for arguments in [
            ["inspect", "--record", "2"], ["audit"], ["evaluate", "--weights", TrainingFixture.weights],
        ] {
            let local = try BuiltBinary.run([arguments[0], "shards"] + arguments.dropFirst(), in: directory.path)
            let remote = try BuiltBinary.run([arguments[0], url] + arguments.dropFirst(), in: directory.path)
            #expect(remote.status == 0, "\(remote.stderr)")
            let text = remote.stdout.replacing(url, with: "shards/").replacing("shards/:", with: "shards:")
            // The time it took is another one.
            func untimed(_ text: String) -> [Substring] {
                text.split(separator: "\n").filter { !$0.contains(" images/s") }
            }
            #expect(untimed(text) == untimed(local.stdout))
        }
        let bench = try BuiltBinary.run(["bench", "loader", url, "--json"], in: directory.path)
        #expect(try JSONDocument.parse(bench.stdout)["samples"] == 5)
    }

    @Test(arguments: [
        (RangeServer.Fault.whole, 74, "Range"), (.status(404), 66, "no such file"),
        (.longerFile(3), 74, "manifest says"),
        (.status(403), 74, "403"),
    ]) func serversThatCannotBeUsedAreTold(fault: RangeServer.Fault, status: Int, word: String) throws {
        let directory = try TrainingFixture.prepared()
        let server = try server(directory) { path, _ in path.hasSuffix(".tfrecord") ? fault : nil }
        defer { server.close() }
        let run = try BuiltBinary.run(["inspect", server.url + "/shards/"], in: directory.path)
        #expect(run.status == Int32(status) && run.stderr.contains(word), "\(run.stderr)")
        #expect(run.stdout.isEmpty && run.stderr.contains(".tfrecord"))
    }

    @Test func corruptRecordsAreListed() throws {
        let directory = try TrainingFixture.prepared()
        let path = try TrainingFixture.shard(in: directory)
        var bytes = try FileSystem.read(path)
        bytes[200] ^= 1
        try AtomicFileWriter.write(bytes, to: path)
        let server = try server(directory)
        defer { server.close() }
        for shards in ["shards", server.url + "/shards/"] {
            func bench(_ policy: String) throws -> BuiltBinary.Outcome {
                try BuiltBinary.run(["bench", "loader", shards, "--on-corrupt", policy, "--json"], in: directory.path)
            }
            let failed = try bench("fail")
            #expect(failed.status == 65 && failed.stderr.contains("shard.crc") && failed.stdout.isEmpty)
            for policy in ["skip", "1"] {
                let document = try JSONDocument.parse(try bench(policy).stdout)
                #expect(try JSONSchemaCheck("bench-loader").violations(of: document) == [])
                #expect(document["samples"] == 4)
                let left = try #require(document["left_out"]?.array?.first)
                #expect(left["rule"] == "shard.crc" && left["record"] == 0 && left["offset"] == 0)
                #expect(left["file"]?.string?.hasSuffix(".tfrecord") == true)
            }
        }
    }

    /// The web server that people have.
    @Test(.enabled(if: WebServer.program != nil, "nginx is not installed")) func nginxServesRanges() throws {
        let directory = try TrainingFixture.prepared()
        let server = try #require(try WebServer.serving(directory.path))
        let remote = try train(server.url + "/shards", "remote", in: directory)
        #expect(try remote == train("shards", "local", in: directory))
        // The same files, without ranges.
        let whole = try BuiltBinary.run(["inspect", server.url + "/whole/shards/"], in: directory.path)
        #expect(whole.status == 74 && whole.stderr.contains("Range"), "\(whole.stderr)")
    }
}
