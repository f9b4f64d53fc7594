private import Foundation
private import Synchronization

/// The mappings that are read here and there, and about how much such reads have brought into this process.
enum ScatteredPages {
    /// What a read may bring: the kernel maps as much as it holds in one piece, which is up to a huge page.
    static let blockBytes = 2 << 20
    /// Bytes that are brought before all are given back.
    private static let limit = 32 * blockBytes

    private static let brought = Atomic<Int>(0)
    /// Bytes by address.
    private static let mappings = Mutex<[UInt: Int]>([:])

    static func list(_ base: UnsafeRawPointer, _ count: Int) {
        mappings.withLock { $0[UInt(bitPattern: base)] = count }
    }

    /// Ends a mapping, which nobody gives pages of back at that time.
    static func unmap(_ base: UnsafeRawPointer, _ count: Int) {
        mappings.withLock { mappings in
            mappings[UInt(bitPattern: base)] = nil
            munmap(UnsafeMutableRawPointer(mutating: base), count)
        }
    }

    /// Notes what a read may have brought. Threads in the middle of a read get their pages again.
    static func spend(_ count: Int) {
        guard brought.add(count, ordering: .relaxed).newValue >= limit else { return }
        brought.store(0, ordering: .relaxed)
        mappings.withLock { mappings in
            // Small files may stay: together they are no more than is brought before pages are given back.
            guard mappings.values.reduce(0, +) > limit else { return }
            for (address, count) in mappings {
                madvise(UnsafeMutableRawPointer(bitPattern: address), count, MADV_DONTNEED)
            }
        }
    }
}
