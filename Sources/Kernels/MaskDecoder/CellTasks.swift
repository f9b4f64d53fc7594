/// A picture's cells cut into tasks, and these into tiles that stay in cache; where is a matter of the sizes alone, so that
/// sums over cells do not depend on the threads.
struct CellTasks: Sendable {
    let cells: Int
    let perTask: Int
    let perTile: Int

    /// Tasks of one prompt.
    var count: Int { (cells + perTask - 1) / perTask }

    /// The cells of a task; tasks of several prompts are numbered one prompt after the other.
    func range(ofTask task: Int) -> Range<Int> {
        let first = task % count * perTask
        return first..<min(cells, first + perTask)
    }

    /// Calls `body` for each tile of a task, with its first cell and their number.
    func forEachTile(ofTask task: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
        let range = range(ofTask: task)
        for first in stride(from: range.lowerBound, to: range.upperBound, by: perTile) {
            body(first, min(perTile, range.upperBound - first))
        }
    }
}
