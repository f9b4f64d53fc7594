import KernelABI
import Kernels
import Runtime
import TestSupport
import Testing

/// Tiled attention against the reference, on every CPU level of this machine.
@Suite struct AttentionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let batch: Int
        let heads: Int
        let queries: Int
        let keys: Int
        let headSize: Int
        var grid = (height: 0, width: 0)

        var testDescription: String { "\(batch) x \(heads) x \(headSize), \(queries) by \(keys), grid \(grid)" }
        var reference: AttentionReference {
            AttentionReference(
                batch: batch, heads: heads, queries: queries, keys: keys, headSize: headSize, grid: grid)
        }
    }

    static let cases = [
        Case(batch: 1, heads: 1, queries: 1, keys: 1, headSize: 1),
        Case(batch: 2, heads: 3, queries: 7, keys: 9, headSize: 14),
        Case(batch: 1, heads: 2, queries: 33, keys: 5, headSize: 16),
        Case(batch: 1, heads: 2, queries: 5, keys: 300, headSize: 16),
        Case(batch: 1, heads: 1, queries: 70, keys: 130, headSize: 64),
        Case(batch: 1, heads: 1, queries: 16, keys: 126, headSize: 32),
        Case(batch: 2, heads: 2, queries: 12, keys: 12, headSize: 14, grid: (height: 3, width: 4)),
        Case(batch: 1, heads: 1, queries: 49, keys: 49, headSize: 80, grid: (height: 7, width: 7)),
        Case(batch: 1, heads: 2, queries: 150, keys: 150, headSize: 20, grid: (height: 10, width: 15)),
        Case(batch: 1, heads: 1, queries: 5, keys: 5, headSize: 8, grid: (height: 1, width: 5)),
    ]

    /// Output and gradients of one call, as one list each.
    static func computed(_ reference: AttentionReference) -> [[Float]] {
        let items = reference.batch * reference.heads
        var output = [Float](repeating: .nan, count: reference.query.count)
        var statistics = [Float](repeating: .nan, count: 2 * items * reference.queries)
        var gradients = [reference.query, reference.key, reference.value, reference.heightTable, reference.widthTable]
            .map { [Float](repeating: .nan, count: max(1, $0.count)) }
        withBases([
            reference.query, reference.key, reference.value, reference.heightTable + [0], reference.widthTable + [0],
        ]) {
            inputs in
            func operand(_ index: Int, _ tokens: Int) -> Attention.Operand {
                Attention.Operand(
                    inputs[index], batchStride: tokens * reference.channels, tokenStride: reference.channels)
            }
            let attention = Attention(
                batch: reference.batch, heads: reference.heads, sizes: reference.sizes,
                query: operand(0, reference.queries), key: operand(1, reference.keys),
                value: operand(2, reference.keys),
                tables: reference.sizes.hasGrid ? (inputs[3], inputs[4]) : nil)
            output.withUnsafeMutableBufferPointer { output in
                statistics.withUnsafeMutableBufferPointer { statistics in
                    guard let output = output.baseAddress, let statistics = statistics.baseAddress else { return }
                    attention.forward(output: output, statistics: statistics)
                    let targets = gradients.map { UnsafeMutablePointer<Float>.allocate(capacity: $0.count) }
                    withBases([reference.seed]) { seed in
                        attention.backward(
                            output: output, outputGradient: seed[0], statistics: statistics,
                            into: Attention.Gradients(
                                query: targets[0], key: targets[1], value: targets[2],
                                tables: reference.sizes.hasGrid ? (targets[3], targets[4]) : nil))
                    }
                    for index in gradients.indices {
                        let isUsed = index < 3 || reference.sizes.hasGrid
                        gradients[index] =
                            isUsed
                            ? Array(UnsafeBufferPointer(start: targets[index], count: gradients[index].count)) : []
                        targets[index].deallocate()
                    }
                }
            }
        }
        return [output] + gradients
    }

    private static func withBases(_ arrays: [[Float]], _ body: ([UnsafePointer<Float>]) -> Void) {
        let copies = arrays.map { array in
            let copy = UnsafeMutablePointer<Float>.allocate(capacity: max(1, array.count))
            copy.initialize(from: array, count: array.count)
            return copy
        }
        body(copies.map { UnsafePointer($0) })
        for copy in copies { copy.deallocate() }
    }

    @Test(arguments: Kernels.available.map(\.level), cases)
    func agreesWithTheReference(level: CPULevel, sizes: Case) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let reference = sizes.reference
        let expected = reference.results()
        let values = Kernels.with(table) { Self.computed(reference) }
        let names = ["output", "query", "key", "value", "height table", "width table"]
        let lists = [
            expected.output, expected.query, expected.key, expected.value, expected.heightTable, expected.widthTable,
        ]
        for (name, pair) in zip(names, zip(values, lists)) {
            let scale = pair.1.reduce(1) { max($0, abs($1)) }
            #expect(pair.0.count == pair.1.count)
            #expect(GEMMTests.largestError(pair.0, pair.1) / scale < 5e-6, "\(name)")
        }
    }

    /// Scores far apart: exponentials that overflow without the running maximum.
    @Test(arguments: Kernels.available.map(\.level))
    func largeScores(level: CPULevel) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        let keys = 200
        let query = [Float](repeating: 40, count: 4)
        let key = (0..<keys * 4).map { Float($0 / 4) - 100 }
        let value = (0..<keys * 4).map { Float($0 / 4) }
        var output = [Float](repeating: 0, count: 4)
        Kernels.with(table) {
            Self.withBases([query, key, value]) { inputs in
                let attention = Attention(
                    batch: 1, heads: 1,
                    sizes: AttentionSizes(queries: 1, keys: keys, headSize: 4, gridHeight: 0, gridWidth: 0),
                    query: Attention.Operand(inputs[0], batchStride: 4, tokenStride: 4),
                    key: Attention.Operand(inputs[1], batchStride: keys * 4, tokenStride: 4),
                    value: Attention.Operand(inputs[2], batchStride: keys * 4, tokenStride: 4), tables: nil)
                output.withUnsafeMutableBufferPointer { output in
                    if let base = output.baseAddress { attention.forward(output: base, statistics: nil) }
                }
            }
        }
        #expect(output == [199, 199, 199, 199])
    }

    @Test(arguments: Kernels.available.map(\.level))
    func bytesDoNotDependOnThreads(level: CPULevel) throws {
        let table = try #require(Kernels.available.first { $0.level == level })
        for sizes in [
            Case(batch: 2, heads: 2, queries: 600, keys: 40, headSize: 16),
            Case(batch: 3, heads: 2, queries: 60, keys: 60, headSize: 14, grid: (height: 6, width: 10)),
        ] {
            let reference = sizes.reference
            let results = atEveryWorkerCount { Kernels.with(table) { Self.computed(reference) } }
            #expect(results.allSatisfy { $0 == results[0] && !$0[0].contains { $0.isNaN } })
        }
    }
}
