internal import Runtime

extension ScratchLayout {
    /// Floats of the arrays of all workers that so many tasks keep busy.
    func total(tasks: Int) -> Int { max(1, min(Workers.count, tasks)) * total }

    /// Calls `body` for each task, on all workers, with arrays of the worker's own.
    ///
    /// - Parameter memory: ``total(tasks:)`` floats.
    func forEachTask(
        of tasks: Int, in memory: UnsafeMutablePointer<Float>,
        _ body: @Sendable (_ task: Int, _ own: UnsafeMutablePointer<Float>) -> Void
    ) {
        nonisolated(unsafe) let memory = memory
        Workers.forEachChunk(of: tasks, grain: 1) { range, worker in
            for task in range { body(task, memory + worker * total) }
        }
    }
}
