/// What a peer made of a case, its runs between ours.
struct PeerResult: Codable, Hashable {
    /// Which peer.
    let peer: Peer
    /// The peer's runs; nil when it failed.
    let timing: Timing?
    /// How many times the peer's time is ours: above 1 we are faster. Nil on a busy machine, or when the peer failed.
    let ratio: Double?
    /// Why there are no times.
    let failure: String?
}
