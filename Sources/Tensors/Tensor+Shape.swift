internal import KernelABI
private import Runtime

extension Tensor {
    /// The same elements under another shape of the same count; shares the memory.
    package func reshaped(_ newShape: [Int]) -> Tensor {
        precondition(newShape.reduce(1, *) == count, "shape \(shape) cannot become \(newShape): the counts differ")
        return Tensor(shape: newShape, storage: storage, node: nil).recorded(from: [self]) { [node, shape] gradient in
            node?.accumulate(gradient.reshaped(shape))
        }
    }

    /// Axes in another order: axis i of the result is axis `axes[i]` of this tensor.
    package func permuted(_ axes: [Int]) -> Tensor {
        precondition(axes.sorted() == Array(0..<rank), "\(axes) is no order of the \(rank) axes of \(shape)")
        let result = Tensor(shape: axes.map { shape[$0] }) { output in
            AxisPermutation(shape: shape, axes: axes).copy(base, to: output)
        }
        return result.recorded(from: [self]) { [node] gradient in
            var inverse = axes
            for (position, axis) in axes.enumerated() { inverse[axis] = position }
            node?.accumulate(gradient.permuted(inverse))
        }
    }

    /// The part of the tensor whose index along `axis` lies in `range`.
    package func sliced(axis: Int, range: Range<Int>) -> Tensor {
        precondition(
            shape.indices.contains(axis) && range.lowerBound >= 0 && range.upperBound <= shape[axis],
            "slice \(range) of axis \(axis) of \(shape)")
        var partShape = shape
        partShape[axis] = range.count
        let (outer, stride, part, offset) = sliceSizes(axis: axis, range: range)
        let result = Tensor(shape: partShape) { output in
            ElementLoop.forEachRows(outer, columns: part) { rows in
                for row in rows {
                    (output + row * part).initialize(from: base + row * stride + offset, count: part)
                }
            }
        }
        return result.recorded(from: [self]) { [node] gradient in
            node?.accumulate { target, keep in
                let add = ElementLoop.kernels.add
                ElementLoop.forEachRows(outer, columns: stride) { rows in
                    for row in rows {
                        let start = target + row * stride
                        if keep == 0 { start.initialize(repeating: 0, count: stride) }
                        add(start + offset, gradient.base + row * part, start + offset, part)
                    }
                }
            }
        }
    }

    /// Elements before the axis, elements of one index of the outer axes in the whole and in the part, first element.
    private func sliceSizes(axis: Int, range: Range<Int>) -> (outer: Int, stride: Int, part: Int, offset: Int) {
        let inner = shape[(axis + 1)...].reduce(1, *)
        return (shape[..<axis].reduce(1, *), shape[axis] * inner, range.count * inner, range.lowerBound * inner)
    }

    /// Tensors one after the other along `axis`; all other axes must agree.
    package static func concatenated(_ tensors: [Tensor], axis: Int) -> Tensor {
        precondition(!tensors.isEmpty, "nothing to concatenate")
        var shape = tensors[0].shape
        precondition(
            shape.indices.contains(axis)
                && tensors.allSatisfy { tensor in
                    tensor.rank == shape.count
                        && tensor.shape.indices.allSatisfy { $0 == axis || tensor.shape[$0] == shape[$0] }
                }, "cannot concatenate \(tensors.map(\.shape)) along axis \(axis)")
        let sizes = tensors.map { $0.shape[axis] }
        shape[axis] = sizes.reduce(0, +)
        let outer = shape[..<axis].reduce(1, *)
        let inner = shape[(axis + 1)...].reduce(1, *)
        let stride = shape[axis] * inner
        let result = Tensor(shape: shape) { output in
            ElementLoop.forEachRows(outer, columns: stride) { rows in
                for row in rows {
                    var target = output + row * stride
                    for tensor in tensors {
                        let part = tensor.shape[axis] * inner
                        target.initialize(from: tensor.base + row * part, count: part)
                        target += part
                    }
                }
            }
        }
        return result.recorded(from: tensors) { [nodes = tensors.map(\.node)] gradient in
            var start = 0
            for (node, size) in zip(nodes, sizes) {
                if let node { node.accumulate(gradient.sliced(axis: axis, range: start..<start + size)) }
                start += size
            }
        }
    }

    /// `copies` of the tensor along a new first axis.
    package func repeatedLeading(_ copies: Int) -> Tensor {
        precondition(copies >= 0, "cannot repeat \(shape) \(copies) times")
        let result = Tensor(shape: [copies] + shape) { output in
            ElementLoop.forEachRows(copies, columns: count) { rows in
                for row in rows { (output + row * count).initialize(from: base, count: count) }
            }
        }
        return result.recorded(from: [self]) { [node] gradient in node?.accumulateBroadcast(gradient) }
    }
}
