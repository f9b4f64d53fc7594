import Dispatch
import Foundation
import Synchronization

/// How many threads compute may use, and the parallel loops that use them.
///
/// Results never depend on the number of workers: a loop is cut by grain, never by worker, and whoever needs a sum
/// combines the partial sums in chunk order.
package enum Workers {
    private static let processDefault = Atomic<Int>(max(1, ProcessInfo.processInfo.activeProcessorCount))

    /// The count in force for the current task or thread, where one was set by ``with(_:_:)``.
    @TaskLocal private static var override: Int?

    /// The number of threads that a parallel loop started here may use.
    package static var count: Int { override ?? processDefault.load(ordering: .relaxed) }

    /// Sets the process-wide count, as `--threads` does.
    ///
    /// - Parameter count: at least 1.
    package static func setProcessDefault(_ count: Int) {
        precondition(count >= 1, "worker count must be at least 1, not \(count)")
        processDefault.store(count, ordering: .relaxed)
    }

    /// Runs `body` with another worker count for all loops that it starts.
    package static func with<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
        precondition(count >= 1, "worker count must be at least 1, not \(count)")
        return try $override.withValue(count, operation: body)
    }

    /// Runs `body(chunk)` for each chunk of `0..<total`, `grain` items a chunk, on up to ``count`` threads.
    ///
    /// Chunk boundaries depend on `total` and `grain` alone. Loops inside `body` run on the calling worker only.
    ///
    /// - Parameters:
    ///   - total: number of items, 0 or more.
    ///   - grain: items per chunk, at least 1; the last chunk may be shorter.
    ///   - body: the chunk's range of items, and the index of the worker (`0..<count`), which may own scratch memory.
    package static func forEachChunk(
        of total: Int, grain: Int, _ body: @Sendable (_ items: Range<Int>, _ worker: Int) -> Void
    ) {
        precondition(total >= 0 && grain >= 1, "total \(total) must be >= 0 and grain \(grain) >= 1")
        let chunks = (total + grain - 1) / grain
        let workers = min(count, chunks)
        if workers <= 1 {
            for chunk in 0..<chunks { body(chunk * grain..<min(total, (chunk + 1) * grain), 0) }
            return
        }
        let next = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            $override.withValue(1) {
                while true {
                    let chunk = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    if chunk >= chunks { return }
                    body(chunk * grain..<min(total, (chunk + 1) * grain), worker)
                }
            }
        }
    }

    /// Maps `0..<count` in parallel, results in index order; the error of the lowest index that failed is thrown.
    package static func map<Element: Sendable>(
        _ total: Int, grain: Int = 1, _ transform: @Sendable (Int) throws -> Element
    ) throws -> [Element] {
        let results = Mutex<[Int: Result<Element, any Error>]>([:])
        forEachChunk(of: total, grain: grain) { items, _ in
            for item in items {
                let result = Result { try transform(item) }
                results.withLock { $0[item] = result }
            }
        }
        var byIndex = results.withLock { $0 }
        return try (0..<total).map { index in
            guard let result = byIndex.removeValue(forKey: index) else {
                preconditionFailure("item \(index) of \(total) was never computed")
            }
            return try result.get()
        }
    }
}

/// A pointer handed to several threads, each of which writes elements of its own.
///
/// `@unchecked`: the parallel loop's chunks are disjoint, and the loop ends before the memory is freed.
package struct SharedBuffer<Element>: @unchecked Sendable {
    package let base: UnsafeMutablePointer<Element>
    package let count: Int

    package init(_ base: UnsafeMutablePointer<Element>, count: Int) {
        self.base = base
        self.count = count
    }
}
