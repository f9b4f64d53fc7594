/// A build of the kernels: the instructions that it may use.
package enum CPULevel: Int, Sendable, Hashable, CaseIterable, Comparable {
    /// SSE2, 4 lanes, no fused multiply-add: every x86-64 machine.
    case baseline = 1
    /// AVX2 and FMA, 8 lanes (x86-64-v3).
    case v3 = 3
    /// AVX-512, 16 lanes (x86-64-v4).
    case v4 = 4

    /// The spelling that `SAMDATA_CPU_LEVEL` takes.
    package var name: String {
        switch self {
        case .baseline: "baseline"
        case .v3: "v3"
        case .v4: "v4"
        }
    }

    package static func < (lhs: CPULevel, rhs: CPULevel) -> Bool { lhs.rawValue < rhs.rawValue }
}
