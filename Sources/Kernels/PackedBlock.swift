internal import KernelABI
private import Runtime

/// Some columns of C and some steps of k: as much of B as is packed at a time.
struct PackedBlock {
    let product: GEMMProduct
    let columns: Range<Int>
    let steps: Range<Int>

    private var kernels: GEMMKernels { product.kernels }
    private var isParallel: Bool { product.m * columns.count * steps.count > GEMMProduct.serialWork }
    /// Panels of B.
    private var panels: Int { (columns.count + kernels.nr - 1) / kernels.nr }
    private var slices: Int { max(1, (steps.count + kernels.kc - 1) / kernels.kc) }
    private var panelsA: Int { (product.m + kernels.mr - 1) / kernels.mr }
    private var rowTasks: Int { (product.m + PackedProduct.mc - 1) / PackedProduct.mc }
    /// The same number of panels for each task, as far as possible.
    private var rowsPerTask: Int { (panelsA + rowTasks - 1) / rowTasks * kernels.mr }
    /// Few rows: the columns are cut as well, so that there is work for everybody.
    private var columnTasks: Int {
        rowTasks >= PackedProduct.tasks ? 1 : min(panels, (PackedProduct.tasks + rowTasks - 1) / rowTasks)
    }

    /// Floats of B's panels.
    var sizeB: Int { panels * kernels.nr * steps.count }

    /// Packs B alone.
    func packB(into packed: UnsafeMutablePointer<Float>) { pack(b: packed, a: nil) }

    func multiply() {
        let sharesA = columnTasks > 1
        let sizeB = product.packed == nil ? sizeB : 0
        let sizeA = sharesA ? rowTasks * rowsPerTask * steps.count : 0
        BufferPool.withBuffer(sizeA + sizeB) { packed in
            let ready = product.packed?.panels
            let packedA = sharesA ? packed + sizeB : nil
            pack(b: ready == nil ? packed : nil, a: packedA)
            multiplyTasks(packedB: ready ?? UnsafePointer(packed), packedA: packedA.map { UnsafePointer($0) })
        }
    }

    /// The steps of a slice.
    private func slice(_ index: Int) -> Range<Int> {
        let first = steps.lowerBound + index * kernels.kc
        return first..<min(steps.upperBound, first + kernels.kc)
    }

    /// Packs B, slice after slice, and A, task after task and in them slice after slice, if it is shared.
    private func pack(b packedB: UnsafeMutablePointer<Float>?, a packedA: UnsafeMutablePointer<Float>?) {
        nonisolated(unsafe) let (packedB, packedA) = (packedB, packedA)
        let unitsB = packedB == nil ? 0 : panels * slices
        let unitsA = packedA == nil ? 0 : rowTasks * slices
        let total = unitsA + unitsB
        if total == 0 { return }
        Workers.forEachChunk(of: total, grain: isParallel ? 4 : total) { units, _ in
            for unit in units {
                if unit < unitsB, let packedB {
                    packB(panel: unit % panels, slice: slice(unit / panels), into: packedB)
                } else if let packedA {
                    let task = (unit - unitsB) / slices
                    let slice = slice((unit - unitsB) % slices)
                    packA(
                        task: task, slice: slice,
                        into: packedA + rowsPerTask * (task * steps.count + slice.lowerBound - steps.lowerBound))
                }
            }
        }
    }

    private func packB(panel: Int, slice: Range<Int>, into packed: UnsafeMutablePointer<Float>) {
        let nr = kernels.nr
        let column = columns.lowerBound + panel * nr
        product.packB(
            columns: column..<min(columns.upperBound, column + nr), steps: slice,
            into: packed + (slice.lowerBound - steps.lowerBound) * panels * nr + panel * nr * slice.count)
    }

    private func packA(task: Int, slice: Range<Int>, into packed: UnsafeMutablePointer<Float>) {
        let row = task * rowsPerTask
        product.packA(rows: row..<min(product.m, row + rowsPerTask), steps: slice, into: packed)
    }

    private func multiplyTasks(packedB: UnsafePointer<Float>, packedA: UnsafePointer<Float>?) {
        let tasks = rowTasks * columnTasks
        let workers = isParallel ? min(Workers.count, tasks) : 1
        let scratchSize = packedA == nil ? rowsPerTask * kernels.kc : 0
        BufferPool.withBuffer(workers * scratchSize) { scratch in
            nonisolated(unsafe) let (scratch, packedA, packedB) = (scratch, packedA, packedB)
            Workers.forEachChunk(of: tasks, grain: isParallel ? 1 : tasks) { chunk, worker in
                for task in chunk {
                    multiplyTask(
                        row: task / columnTasks, column: task % columnTasks, packedB: packedB, packedA: packedA,
                        scratch: scratch + worker * scratchSize)
                }
            }
        }
    }

    private func multiplyTask(
        row: Int, column: Int, packedB: UnsafePointer<Float>, packedA: UnsafePointer<Float>?,
        scratch: UnsafeMutablePointer<Float>
    ) {
        let nr = kernels.nr
        let panelsPerTask = (panels + columnTasks - 1) / columnTasks
        let first = column * panelsPerTask * nr
        let count = min(columns.count, first + panelsPerTask * nr) - first
        if count <= 0 { return }
        let firstRow = row * rowsPerTask
        for index in 0..<slices {
            let slice = slice(index)
            let offset = slice.lowerBound - steps.lowerBound
            if packedA == nil { packA(task: row, slice: slice, into: scratch) }
            kernels.block(
                GEMMBlock(
                    m: min(rowsPerTask, product.m - firstRow), n: count, k: slice.count,
                    a: packedA.map { $0 + rowsPerTask * (row * steps.count + offset) } ?? UnsafePointer(scratch),
                    b: packedB + offset * panels * nr + first * slice.count,
                    target: product.target(
                        row: firstRow, column: columns.lowerBound + first, isFirst: slice.lowerBound == 0,
                        isLast: slice.upperBound == product.k)))
        }
    }
}
