internal import KernelABI

/// Rows that attend to a picture's cells task by task: what each task finds, and how it becomes one answer.
///
/// A task's part is, for each row, the sum of the cells' channels times `exp(score - the task's largest score)`, then the
/// largest scores, then the sums of exponentials.
struct SoftmaxParts: Sendable {
    let rows: Int
    let channels: Int
    let tasks: Int

    /// Floats of one part: [R, C], [R], [R].
    var partCount: Int { rows * channels + 2 * rows }

    /// Adds up the parts of one prompt, in the order of the cells.
    ///
    /// - Parameters:
    ///   - parts: one after the other, one a task.
    ///   - output: [R, C].
    ///   - maxima: the largest scores, [R], or nil.
    ///   - reciprocals: reciprocal sums of exponentials, [R], or nil.
    func combine(
        _ parts: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>,
        maxima: UnsafeMutablePointer<Float>?, reciprocals: UnsafeMutablePointer<Float>?, _ table: KernelTable
    ) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: tasks) { buffer in
            buffer.initialize(repeating: 0)
            let factors = buffer.baseAddress.unsafelyUnwrapped
            for row in 0..<rows {
                let tops = parts + rows * channels + row
                let maximum = (0..<tasks).reduce(-Float.infinity) { max($0, tops[$1 * partCount]) }
                for task in 0..<tasks { factors[task] = tops[task * partCount] - maximum }
                table.elementwise.exp(factors, factors, tasks)
                let total = (0..<tasks).reduce(Float(0)) { $0 + tops[$1 * partCount + rows] * factors[$1] }
                let target = output + row * channels
                for task in 0..<tasks {
                    table.elementwise.scaleAdd(
                        factors[task] / total, parts + task * partCount + row * channels, task == 0 ? 0 : 1, target,
                        channels)
                }
                maxima?[row] = maximum
                reciprocals?[row] = 1 / total
            }
        }
    }
}
