internal import KernelABI

/// Independent chains of multiply-adds: enough to hide the latency of two units.
@inline(always) var peakChains: Int { 12 }

@inline(never) func multiplyAddPeak(_ iterations: Int) -> Float {
    var chains = InlineArray<12, Vector>(repeating: splat(1))
    for chain in 0..<peakChains { chains[chain] = splat(Float(chain)) }
    let factor = splat(0.999)
    let term = splat(0.001)
    for _ in 0..<iterations {
        for chain in 0..<peakChains { chains[chain] = madd(term, chains[chain], factor) }
    }
    var total = Vector.zero
    for chain in 0..<peakChains { total += chains[chain] }
    return laneSum(total)
}
