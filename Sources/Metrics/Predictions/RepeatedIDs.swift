internal import Annotations

/// Finds the rows whose id another row has, too.
struct RepeatedIDs {
    private var count: Int32 = 0
    /// Ids that are integers, and their rows.
    private var integers: [Int64] = []
    private var rows: [Int32] = []
    private var isAscending = true
    /// The rows of all other ids.
    private var others: [COCOIdentifier: [Int32]] = [:]

    /// Takes the id of the next row.
    mutating func add(_ id: COCOIdentifier) {
        if let value = id.int64 {
            if isAscending, let last = integers.last, last >= value { isAscending = false }
            integers.append(value)
            rows.append(count)
        } else {
            others[id, default: []].append(count)
        }
        count += 1
    }

    /// For each row whose id stands again after it, the last row that has it.
    var lastRows: [Int: Int] {
        var last: [Int: Int] = [:]
        func note(_ same: some Collection<Int32>) {
            guard let final = same.max(), same.count > 1 else { return }
            for row in same where row != final { last[Int(row)] = Int(final) }
        }
        for same in others.values { note(same) }
        // Most files have none, which sorting the bare numbers tells.
        guard !isAscending else { return last }
        let sorted = integers.sorted()
        var repeated: [Int64: [Int32]] = [:]
        for (value, next) in zip(sorted, sorted.dropFirst()) where value == next { repeated[value] = [] }
        guard !repeated.isEmpty else { return last }
        for (value, row) in zip(integers, rows) { repeated[value]?.append(row) }
        for same in repeated.values { note(same) }
        return last
    }
}
