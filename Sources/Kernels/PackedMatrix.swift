internal import KernelABI

/// A right operand that does not change, packed once for all products with more than a few rows.
///
/// A product with it has the bits of the product with the matrix itself. It pays for tens to hundreds of rows, where
/// packing is a tenth of the work; with thousands it is nothing, and few rows read the matrix as it lies.
///
/// `@unchecked Sendable`: written before anybody else sees it.
package final class PackedMatrix: @unchecked Sendable {
    let k: Int
    let n: Int
    /// The kernels whose panels these are.
    private let level: CPULevel
    private let operands: GEMMKernels.Operands
    private let memory: BufferPool.Block

    /// - Parameters:
    ///   - b: k by n.
    ///   - k: its rows.
    ///   - n: its columns.
    /// - Returns: nil for a matrix that is too large to be packed at once.
    package init?(_ b: MatrixView, k: Int, n: Int) {
        // Only B is looked at.
        let product = GEMMProduct(
            m: 1, n: n, k: k, alpha: 1, a: b, b: b, target: GEMMTarget(c: Self.nowhere, ldc: n), packed: nil,
            table: Kernels.table)
        guard k > 0, n > 0, PackedProduct(product: product).isOneBlock else { return nil }
        self.k = k
        self.n = n
        level = Kernels.table.level
        operands = Kernels.table.gemm.operands
        let block = PackedBlock(product: product, columns: 0..<n, steps: 0..<k)
        memory = BufferPool.acquire(block.sizeB)
        block.packB(into: memory.base)
    }

    /// Whether the panels are those of the kernels in force.
    package var isOfKernelsInForce: Bool { isOf(Kernels.table) }

    func isOf(_ table: KernelTable) -> Bool { level == table.level && operands == table.gemm.operands }

    /// An address that nobody follows.
    private static var nowhere: UnsafeMutablePointer<Float> {
        UnsafeMutablePointer(bitPattern: 64).unsafelyUnwrapped
    }

    deinit { BufferPool.release(memory) }

    var panels: UnsafePointer<Float> { UnsafePointer(memory.base) }
}
