/// What was measured of one case at one number of threads.
struct CaseResult: Codable, Hashable {
    /// The case's name, such as `encoder/vit_b`.
    let caseName: String
    /// What was measured, in words.
    let detail: String
    /// Threads that every program computed with.
    let threads: Int
    /// Runs that each sample is the mean of.
    let repeats: Int
    /// What else the machine did meanwhile.
    let load: MachineLoad
    /// Samdata's runs.
    let ours: Timing
    /// Floating-point operations of one run done the usual way.
    let operations: Double?
    /// 10⁹ operations a second by the clock.
    let gigaflopsPerSecond: Double?
    /// Operations per second of processor time, as a share of what the machine does at most.
    let shareOfPeak: Double?
    /// One for each peer that was asked.
    let peers: [PeerResult]

    /// The peer's result, if it was asked.
    func result(of peer: Peer) -> PeerResult? { peers.first { $0.peer == peer } }
}
