import Runtime
import Shards
import TestSupport
import Testing

/// An Example read where it lies.
@Suite struct ExampleViewTests {
    /// What the view finds of the keys of `ExampleTests.example`.
    private func found(_ bytes: [UInt8], isPart: Bool = false) throws -> [String] {
        try bytes.withUnsafeBytes { payload in
            let view = try ExampleView(payload, isPart: isPart)
            return try ["bytes", "no bytes"].map { try "\($0) \(view.bytes($0)?.map { Array($0) } ?? [[255]])" }
                + ["integers", "no integers"].map { try "\($0) \(view.integers($0) ?? [-99])" }
        }
    }

    /// Protobuf's own serialiser made the files, packed and unpacked.
    @Test(arguments: ["example.pb", "example-unpacked.pb"]) func findsWhatProtobufWrites(file: String) throws {
        let bytes = try FileSystem.read(Repository.fixture("Shards/" + file))
        #expect(
            try found(bytes) == [
                "bytes [[1, 0, 0], [], [195, 164]]", "no bytes []",
                "integers [0, 1, -1, 127, 128, 9223372036854775807, -9223372036854775808]", "no integers []",
            ])
    }

    @Test func keysOfOtherKindsAreNotFound() throws {
        try ExampleTests.example.encoded().withUnsafeBytes { payload in
            let view = try ExampleView(payload)
            #expect(try view.bytes("integers") == nil && view.bytes("nothing") == nil)
            #expect(try view.integers("floats") == nil && view.text("integers") == nil)
            #expect(try view.integers("integers", limit: 2) == [0, 1])
        }
    }

    /// A record's beginning tells what it holds whole; what is cut off is not there.
    @Test func theBeginningIsEnough() throws {
        let example = Example(features: [
            "a": .bytes([Array("small".utf8)]), "b": .integers([4, 5]),
            "z": .bytes([[UInt8](repeating: 1, count: 9000)]),
        ])
        let bytes = example.encoded()
        try bytes[..<500].withUnsafeBytes { part in
            let view = try ExampleView(part, isPart: true)
            #expect(try view.text("a") == "small" && view.integers("b") == [4, 5] && view.bytes("z") == nil)
            #expect(throws: ShardError.self) { _ = try ExampleView(part) }
        }
        for length in 0..<bytes.count where length < 60 || length % 97 == 0 {
            try bytes[..<length].withUnsafeBytes { part in
                let view = try ExampleView(part, isPart: true)
                #expect(try view.bytes("z") == nil)
            }
        }
    }

    /// Whatever a byte becomes, the answer is an error or values of the record.
    @Test func mutationsAreErrorsOrOtherValues() throws {
        let bytes = ExampleTests.example.encoded()
        var survived = 0
        for position in bytes.indices {
            for value in [0, 1, 2, 127, 128, 255] as [UInt8] {
                var changed = bytes
                changed[position] = value
                for isPart in [false, true] where (try? found(changed, isPart: isPart)) != nil { survived += 1 }
            }
            let cut = Array(bytes[..<position])
            _ = try? found(cut)
            _ = try? found(cut, isPart: true)
        }
        #expect(survived > 0)
    }
}
