/// Which checksums of a checkpoint are verified when it is read; safetensors and old PyTorch files have none.
package enum ChecksumScope: Sendable, Hashable {
    /// Those of the pickle and of every entry of up to 64 KiB.
    case small
    /// Those of all bytes.
    case all
}
