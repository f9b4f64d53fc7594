internal import KernelABI
private import Kernels
private import Runtime

extension Tensor {
    /// The sum of all elements, a scalar; summed in Double by chunks, in chunk order.
    package func sum() -> Tensor {
        Tensor(Float(total)).recorded(from: [self]) { [node, shape] gradient in
            node?.accumulate(Tensor(repeating: gradient.scalar, shape: shape))
        }
    }

    /// The mean of all elements, a scalar.
    package func mean() -> Tensor {
        precondition(count > 0, "the mean of no elements is undefined")
        return Tensor(Float(total / Double(count))).recorded(from: [self]) { [node, shape, count] gradient in
            node?.accumulate(Tensor(repeating: gradient.scalar / Float(count), shape: shape))
        }
    }

    /// The sum of all elements, in Double.
    package var total: Double { chunkSums(Kernels.table.rows.sum) }

    /// The sum of the squares of all elements, in Double; not finite when any element is not.
    package var sumOfSquares: Double { chunkSums(Kernels.table.rows.sumOfSquares) }

    private func chunkSums(_ kernel: @escaping @Sendable (UnsafePointer<Float>, Int) -> Double) -> Double {
        if storage.isSimulated { return 0 }
        let chunks = (count + ElementLoop.grain - 1) / ElementLoop.grain
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, chunks)) { sums in
            ElementLoop.forEach(count) { range in
                sums[range.lowerBound / ElementLoop.grain] = kernel(base + range.lowerBound, range.count)
            }
            return sums.prefix(chunks).reduce(0, +)
        }
    }

    /// exp(x) / sum exp(x) over the last axis.
    package func softmax() -> Tensor {
        let kernels = Kernels.table.rows
        let columns = lastSize
        let output = Tensor(shape: shape) { output in
            ElementLoop.forEachRows(rowCount, columns: columns) { rows in
                let start = rows.lowerBound * columns
                kernels.softmax(base + start, rows.count, columns, output + start)
            }
        }
        return output.recorded(from: [self]) { [node] gradient in
            let result = Tensor(shape: output.shape) { target in
                ElementLoop.forEachRows(output.rowCount, columns: columns) { rows in
                    let start = rows.lowerBound * columns
                    kernels.softmaxBackward(
                        output.base + start, gradient.base + start, rows.count, columns, target + start)
                }
            }
            node?.accumulate(result)
        }
    }
}
