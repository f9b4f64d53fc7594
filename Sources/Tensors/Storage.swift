private import Kernels

/// Reference-counted floats, 64-byte aligned, from the pool of buffers; given back when the last tensor lets go.
///
/// `@unchecked Sendable`: written only by the operation that makes it, before any other thread sees it, or by an owner
/// who holds the only reference.
final class Storage: @unchecked Sendable {
    let base: UnsafeMutablePointer<Float>
    private let capacity: Int

    init(uninitialized count: Int) {
        (base, capacity) = BufferPool.acquire(count)
    }

    deinit { BufferPool.release(base, capacity: capacity) }
}
