private import Runtime

/// Runs `body` at 1, 2, 3 and 7 workers and returns the four results, which a test then holds to be equal.
package func atEveryWorkerCount<Result>(_ body: () throws -> Result) rethrows -> [Result] {
    try [1, 2, 3, 7].map { count in try Workers.with(count, body) }
}
