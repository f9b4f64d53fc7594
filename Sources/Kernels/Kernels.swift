private import CCPUFeatures
private import Foundation
package import KernelABI
private import KernelsBaseline
private import KernelsV3
private import KernelsV4

/// The kernels that this process uses: the best build that the machine can run.
package enum Kernels {
    /// The kernels of every level that this machine can run, slowest first.
    package static let available: [KernelTable] = {
        let best = Int(sd_x86_64_level())
        return CPULevel.allCases.filter { $0.rawValue <= best }.sorted().map { level in
            switch level {
            case .baseline: KernelsBaseline.makeTable()
            case .v3: KernelsV3.makeTable()
            case .v4: KernelsV4.makeTable()
            }
        }
    }()

    /// The best level, or the one that `SAMDATA_CPU_LEVEL` (baseline, v3, v4) asks for; a level that the machine does not
    /// have, or a name that is none, leaves the best one.
    private static let processDefault: KernelTable = {
        let wanted = ProcessInfo.processInfo.environment["SAMDATA_CPU_LEVEL"]
        let best = available[available.count - 1]
        return available.first { $0.level.name == wanted } ?? best
    }()

    @TaskLocal private static var override: KernelTable?

    /// The kernels in force. Read it on the thread that starts an operation, not inside a parallel loop's body.
    package static var table: KernelTable { override ?? processDefault }

    /// Runs `body` with matrix products whose operands are rounded to bfloat16 first, with sums in Float, where the machine
    /// has such products; or, with any other format, with products of Float.
    package static func withProducts<Value, Failure: Error>(
        of format: ElementFormat, _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let table = table
        let gemm = format == .bfloat16 ? table.brainGEMM ?? table.floatGEMM : table.floatGEMM
        if gemm.operands == table.gemm.operands { return try body() }
        return try $override.withValue(table.multiplying(by: gemm)) {
            Result { () throws(Failure) in try body() }
        }.get()
    }

    /// Runs `body` with another level's kernels, as tests do to try each of them.
    package static func with<Result>(_ table: KernelTable, _ body: () throws -> Result) rethrows -> Result {
        try $override.withValue(table, operation: body)
    }
}
