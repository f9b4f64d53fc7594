private import CCPUFeatures
private import Foundation
private import Synchronization

/// A whole file, mapped read-only; the mapping lives as long as the object.
///
/// `@unchecked Sendable`: the memory is never written after `init`.
package final class MappedFile: @unchecked Sendable {
    /// The path as given.
    package let path: String
    /// The file's bytes; empty for an empty file.
    ///
    /// They go with the object, which the optimiser may release after its last use: keep it in a stored property or
    /// under `withExtendedLifetime` while the pointer is in use, or call ``withBytes(_:)``.
    package let bytes: UnsafeRawBufferPointer

    /// Whether ``ScatteredPages`` knows the mapping.
    private let isListed = Atomic<Bool>(false)
    /// Where the last scattered read was.
    private let lastBlock = Atomic<Int>(-1)

    /// How the mapping will be read, as advice to the kernel.
    package enum Access: Sendable {
        case sequential
        case random
    }

    /// - Throws: `FileError.missing` when the path cannot be opened, `.wrongType` for anything but a regular file,
    ///   `.read` when it cannot be mapped.
    package init(path: String, access: Access = .sequential) throws(FileError) {
        self.path = path
        let file = try OpenedFile(path: path)
        let count = file.count
        if count == 0 {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, file.descriptor, 0), base != MAP_FAILED else {
            throw FileError(.read, path: path, "cannot be mapped: \(FileSystem.reason())")
        }
        madvise(base, count, access == .sequential ? MADV_SEQUENTIAL : MADV_RANDOM)
        bytes = UnsafeRawBufferPointer(start: base, count: count)
    }

    /// Runs `body` on the file's bytes, which stay mapped until it returns.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }

    /// Runs `body` on the file's bytes for a read of one place in no order with those before it.
    ///
    /// When such reads have brought many pages into this process, those of all files are given back: they count as its
    /// memory until the kernel wants them, and it would look as if files were held in memory.
    ///
    /// - Parameter range: about what is read.
    package func withBytes<Result, Failure: Error>(
        reading range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if let base = bytes.baseAddress, !isListed.exchange(true, ordering: .relaxed) {
            ScatteredPages.list(base, bytes.count)
        }
        let block = range.lowerBound / ScatteredPages.blockBytes
        let isNear = lastBlock.exchange(block, ordering: .relaxed) == block
        defer { ScatteredPages.spend(isNear ? range.count : max(range.count, ScatteredPages.blockBytes)) }
        return try withBytes(body)
    }

    /// Tells the kernel that bytes before `offset` are not needed again, so that a scan of a large file stays small
    /// in resident memory.
    package func discard(before offset: Int) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let length = min(offset, bytes.count) / page * page
        guard length > 0, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base), length, MADV_DONTNEED)
    }

    /// Tells the kernel that the whole pages inside a range are not needed again; they can still be read.
    package func discard(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = (range.lowerBound + page - 1) / page * page
        // The file's last page is whole where the range reaches to the end.
        let end = range.upperBound == bytes.count ? bytes.count : range.upperBound / page * page
        guard start < end, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }

    /// Asks the kernel to read a range from the disk while other work goes on.
    package func prefetch(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = range.lowerBound / page * page
        guard start < range.upperBound, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, MADV_WILLNEED)
    }

    /// Asks the processor to bring the start of a range into its caches while other work goes on: worth while for places in no
    /// order, of which each would be waited for. Not from the disk, see ``prefetch(_:)``.
    package func cache(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "bytes \(range) of \(bytes.count)")
        guard let base = bytes.baseAddress else { return }
        sd_prefetch(base + range.lowerBound, min(range.count, Self.mostCached))
    }

    /// More than this a processor does not have on its way at a time.
    private static let mostCached = 512

    /// Brings a range's pages into this process at once, which takes a fraction of the time of one fault after the other.
    /// Kernels before Linux 5.14 do not know how, and bring them one by one.
    package func populate(_ range: Range<Int>) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = range.lowerBound / page * page
        guard start < range.upperBound, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, Self.populateRead)
    }

    /// MADV_POPULATE_READ, which older headers lack.
    private static let populateRead: Int32 = 22

    deinit {
        guard let base = bytes.baseAddress else { return }
        if isListed.load(ordering: .relaxed) {
            ScatteredPages.unmap(base, bytes.count)
        } else {
            munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
        }
    }
}
