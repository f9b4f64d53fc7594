/// Positions at which a mask changes between background and foreground, in ascending order, from which runs are made.
///
/// Two changes at one position cancel, so whatever is put in, the runs that come out are canonical.
struct ToggleList {
    private var positions: [UInt32] = []

    init(capacity: Int = 0) { positions.reserveCapacity(capacity + 1) }

    /// Adds a change; `position` may not be smaller than the one before.
    @inline(__always)
    mutating func toggle(at position: Int) {
        let position = UInt32(truncatingIfNeeded: position)
        if positions.last == position { positions.removeLast() } else { positions.append(position) }
    }

    /// Adds a foreground run.
    @inline(__always)
    mutating func add(_ run: Range<Int>) {
        guard !run.isEmpty else { return }
        toggle(at: run.lowerBound)
        toggle(at: run.upperBound)
    }

    /// The canonical runs of a mask of `pixels` pixels; the list is spent.
    consuming func counts(pixels: Int) -> [UInt32] {
        let end = UInt32(pixels)
        var counts = positions
        positions = []
        if counts.last == end { counts.removeLast() }
        guard let last = counts.last else { return [end] }
        counts.append(end)
        counts.withUnsafeMutableBufferPointer { runs in
            var previous: UInt32 = 0
            for index in runs.indices {
                let position = runs[index]
                runs[index] = position - previous
                previous = position
            }
        }
        precondition(last < end, "a change at \(last) in a mask of \(end) pixels")
        return counts
    }
}
