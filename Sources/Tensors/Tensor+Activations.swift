private import Foundation
internal import KernelABI
private import Kernels
private import Runtime

extension Tensor {
    /// max(x, 0)
    package func relu() -> Tensor {
        let kernels = ElementLoop.kernels
        let output = mapped(kernels.relu)
        guard GradientRecording.isOn, node != nil else { return output }
        return output.recorded(from: [self]) { [node, kept = SavedTensor(self)] gradient in
            node?.accumulate(kept.tensor.mapped(with: gradient, kernels.reluBackward))
        }
    }

    /// x Φ(x), with the exact normal distribution function: PyTorch's default GELU.
    package func gelu() -> Tensor {
        let kernels = ElementLoop.kernels
        let output = mapped(kernels.gelu)
        guard GradientRecording.isOn, node != nil else { return output }
        return output.recorded(from: [self]) { [node, kept = SavedTensor(self)] gradient in
            node?.accumulate(kept.tensor.mapped(with: gradient, kernels.geluBackward))
        }
    }

    /// 1 / (1 + exp(-x))
    package func sigmoid() -> Tensor {
        let kernels = ElementLoop.kernels
        let output = mapped(kernels.sigmoid)
        return output.recorded(from: [self]) { [node] gradient in
            node?.accumulate(output.mapped(with: gradient, kernels.sigmoidBackward))
        }
    }

    /// sin x, x in radians; the system's function, one element at a time (positional encodings only).
    package func sin() -> Tensor {
        mapped(scalarFunction: sinf).recorded(from: [self]) { [node, kept = detached] gradient in
            node?.accumulate(kept.mapped(scalarFunction: cosf) * gradient)
        }
    }

    /// cos x, x in radians.
    package func cos() -> Tensor {
        mapped(scalarFunction: cosf).recorded(from: [self]) { [node, kept = detached] gradient in
            node?.accumulate((kept.mapped(scalarFunction: sinf) * gradient).scaled(by: -1))
        }
    }

    func mapped(_ kernel: @escaping ElementwiseKernels.Unary) -> Tensor {
        Tensor(shape: shape) { output in
            ElementLoop.forEach(count) { range in
                kernel(base + range.lowerBound, output + range.lowerBound, range.count)
            }
        }
    }

    func mapped(with other: Tensor, _ kernel: @escaping ElementwiseKernels.Binary) -> Tensor {
        Tensor(shape: shape) { output in
            ElementLoop.forEach(count) { range in
                kernel(base + range.lowerBound, other.base + range.lowerBound, output + range.lowerBound, range.count)
            }
        }
    }

    private func mapped(scalarFunction: (Float) -> Float) -> Tensor {
        Tensor(shape: shape) { output in
            ElementLoop.forEach(count) { range in
                for index in range { output[index] = scalarFunction(base[index]) }
            }
        }
    }
}
