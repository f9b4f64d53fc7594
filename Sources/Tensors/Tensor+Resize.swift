private import Kernels

extension Tensor {
    /// Bilinear resize of `[B, H, W, C]` to `[B, height, width, C]` without antialiasing, as PyTorch's `interpolate` with
    /// `align_corners` false. Records nothing on the tape. See `BilinearResize` in Kernels.
    package func bilinearResized(height: Int, width: Int) -> Tensor {
        precondition(
            rank == 4 && shape[1] > 0 && shape[2] > 0 && height > 0 && width > 0,
            "cannot resize \(shape) to \(height) x \(width)")
        let call = BilinearResize(
            source: BilinearResize.Size(height: shape[1], width: shape[2]),
            target: BilinearResize.Size(height: height, width: width), channels: shape[3])
        return Tensor(shape: [shape[0], height, width, shape[3]]) {
            call.run(batch: shape[0], input: base, output: $0)
        }
    }
}
