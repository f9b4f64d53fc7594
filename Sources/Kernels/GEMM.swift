package import KernelABI
private import Runtime

/// The matrix product on packed panels, after BLIS: B is packed by blocks of `kc` rows for all threads; each task packs
/// `mc` rows of A into its own second-level cache and multiplies them with a range of B's columns.
///
/// Every element of C is one chain of sums over k, cut at multiples of `kc`: the number of threads and the cut into
/// tasks do not change a bit of it. Source: Van Zee and van de Geijn, "BLIS: a framework for rapidly instantiating BLAS
/// functionality", TOMS 41(3), 2015.
package enum GEMM {
    /// Depth of a packed block: one panel of B stays in the first-level cache.
    static let kc = 256
    /// Columns of B packed at a time: the block stays in the third-level cache.
    static let nc = 4096
    /// Row panels of A in one task.
    static let panelsPerTask = 8
    /// Multiply-adds below which a product is not worth a second thread.
    static let serialWork = 1 << 16

    /// What happens to an element after its sum is complete.
    package struct Epilogue {
        /// One value a column of C, added to it, or nil.
        package var bias: UnsafePointer<Float>?
        package var activation: Activation

        package init(bias: UnsafePointer<Float>? = nil, activation: Activation = .identity) {
            self.bias = bias
            self.activation = activation
        }
    }

    /// `C = activation(alpha A B + beta C + bias)`.
    ///
    /// - Parameters:
    ///   - m: rows of A and C.
    ///   - n: columns of B and C.
    ///   - k: columns of A, rows of B; with 0 the product is zero.
    ///   - alpha: factor of the product.
    ///   - a: m by k.
    ///   - b: k by n.
    ///   - beta: with 0, C is written without being read.
    ///   - c: m by n, row-major, overlapping neither A nor B.
    ///   - ldc: elements from one row of C to the next, at least n.
    ///   - epilogue: bias and activation.
    package static func multiply(
        m: Int, n: Int, k: Int, alpha: Float = 1, a: MatrixView, b: MatrixView, beta: Float = 0,
        c: UnsafeMutablePointer<Float>, ldc: Int, epilogue: Epilogue = Epilogue()
    ) {
        precondition(
            m >= 0 && n >= 0 && k >= 0 && ldc >= n,
            "GEMM with m \(m), n \(n), k \(k), ldc \(ldc): none may be negative, and ldc >= n")
        if m == 0 || n == 0 { return }
        let call = GEMMCall(
            m: m, n: n, k: k, alpha: alpha, a: a, b: b, c: c, ldc: ldc, kernels: Kernels.table.gemm)
        for column in stride(from: 0, to: n, by: nc) {
            var depth = 0
            repeat {
                let steps = min(kc, k - depth)
                call.multiplySlice(
                    columns: column..<min(n, column + nc), depth: depth..<depth + steps,
                    beta: depth == 0 ? beta : 1, epilogue: depth + steps == k ? epilogue : Epilogue())
                depth += steps
            } while depth < k
        }
    }

    /// `count` products of one shape: item i reads A and B and writes C at i times the batch strides.
    package static func multiplyBatch(
        count: Int, m: Int, n: Int, k: Int, alpha: Float = 1, a: MatrixView, aBatchStride: Int, b: MatrixView,
        bBatchStride: Int, beta: Float = 0, c: UnsafeMutablePointer<Float>, ldc: Int, cBatchStride: Int
    ) {
        nonisolated(unsafe) let (a, b, c) = (a, b, c)
        let item: @Sendable (Int) -> Void = { index in
            multiply(
                m: m, n: n, k: k, alpha: alpha,
                a: MatrixView(a.base + index * aBatchStride, rowStride: a.rowStride, columnStride: a.columnStride),
                b: MatrixView(b.base + index * bBatchStride, rowStride: b.rowStride, columnStride: b.columnStride),
                beta: beta, c: c + index * cBatchStride, ldc: ldc)
        }
        // Many small products: one task each. Few large ones: parallel inside.
        let table = Kernels.table
        if count >= 8 || m * n * k < serialWork {
            let grain = max(1, serialWork / max(1, m * n * k))
            Workers.forEachChunk(of: count, grain: grain) { items, _ in
                Kernels.with(table) { for index in items { item(index) } }
            }
        } else {
            for index in 0..<count { item(index) }
        }
    }
}

/// One product's operands, as its tasks see them.
///
/// `@unchecked`: tasks write disjoint tiles of C and read A and B, all of which outlive the call.
private struct GEMMCall: @unchecked Sendable {
    let m: Int
    let n: Int
    let k: Int
    let alpha: Float
    let a: MatrixView
    let b: MatrixView
    let c: UnsafeMutablePointer<Float>
    let ldc: Int
    let kernels: GEMMKernels

    /// Adds the product over one range of k to some columns of C.
    func multiplySlice(columns: Range<Int>, depth: Range<Int>, beta: Float, epilogue: GEMM.Epilogue) {
        let isParallel = m * columns.count * max(1, depth.count) > GEMM.serialWork
        let panels = (columns.count + kernels.nr - 1) / kernels.nr
        BufferPool.withBuffer(panels * kernels.nr * depth.count) { packed in
            packB(columns: columns, depth: depth, into: packed, panels: panels, isParallel: isParallel)
            multiplyTasks(
                columns: columns, depth: depth, beta: beta, epilogue: epilogue, packedB: packed, panels: panels,
                isParallel: isParallel)
        }
    }

    private func packB(
        columns: Range<Int>, depth: Range<Int>, into packed: UnsafeMutablePointer<Float>, panels: Int, isParallel: Bool
    ) {
        nonisolated(unsafe) let packed = packed
        let nr = kernels.nr
        Workers.forEachChunk(of: panels, grain: isParallel ? 4 : panels) { chunk, _ in
            let first = chunk.lowerBound * nr
            let count = min(columns.count, chunk.upperBound * nr) - first
            kernels.packPanels(
                b.base + depth.lowerBound * b.rowStride + (columns.lowerBound + first) * b.columnStride,
                b.columnStride, b.rowStride, count, depth.count, nr, 1, packed + first * depth.count)
        }
    }

    private func multiplyTasks(
        columns: Range<Int>, depth: Range<Int>, beta: Float, epilogue: GEMM.Epilogue,
        packedB: UnsafeMutablePointer<Float>, panels: Int, isParallel: Bool
    ) {
        nonisolated(unsafe) let (packedB, epilogue) = (packedB, epilogue)
        let (mr, nr) = (kernels.mr, kernels.nr)
        let rowsPerTask = GEMM.panelsPerTask * mr
        let rowTasks = (m + rowsPerTask - 1) / rowsPerTask
        // Few rows: the columns are cut as well, so that there is work for everybody.
        let columnTasks = min(panels, rowTasks >= 16 ? 1 : (16 + rowTasks - 1) / rowTasks)
        let panelsPerColumnTask = (panels + columnTasks - 1) / columnTasks
        let tasks = rowTasks * columnTasks
        let workers = isParallel ? Workers.count : 1
        let packedSize = rowsPerTask * depth.count
        BufferPool.withBuffer(workers * packedSize) { scratch in
            withUnsafeTemporaryAllocation(of: Int.self, capacity: workers) { rowTaskOfWorker in
                rowTaskOfWorker.initialize(repeating: -1)
                nonisolated(unsafe) let scratch = scratch
                let held = SharedBuffer(rowTaskOfWorker.baseAddress.unsafelyUnwrapped, count: workers)
                Workers.forEachChunk(of: tasks, grain: isParallel ? 1 : tasks) { chunk, worker in
                    let packedA = scratch + worker * packedSize
                    for task in chunk {
                        let rowTask = task / columnTasks
                        let row = rowTask * rowsPerTask
                        let rows = min(rowsPerTask, m - row)
                        if held.base[worker] != rowTask {
                            held.base[worker] = rowTask
                            kernels.packPanels(
                                a.base + row * a.rowStride + depth.lowerBound * a.columnStride, a.rowStride,
                                a.columnStride, rows, depth.count, mr, alpha, packedA)
                        }
                        let first = task % columnTasks * panelsPerColumnTask * nr
                        let count = min(columns.count, first + panelsPerColumnTask * nr) - first
                        if count <= 0 { continue }
                        kernels.block(
                            GEMMBlock(
                                a: packedA, b: packedB + first * depth.count, bStep: nr,
                                bPanel: nr * depth.count,
                                c: c + row * ldc + columns.lowerBound + first, ldc: ldc, m: rows, n: count,
                                k: depth.count, beta: beta,
                                bias: epilogue.bias.map { $0 + columns.lowerBound + first },
                                activation: epilogue.activation, residual: nil, ldr: 0))
                    }
                }
            }
        }
    }
}
