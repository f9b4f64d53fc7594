internal import Tensors

extension Tensor {
    /// A table of `2 * size - 1` rows: this one, or linear interpolation of it.
    ///
    /// Formula: row i comes from `max(0, (i + 0.5) * stored / wanted - 0.5)`, as PyTorch's `F.interpolate(mode="linear")`.
    func fittedRelativePositions(to size: Int) -> Tensor {
        let wanted = 2 * size - 1
        let stored = shape[0]
        if stored == wanted { return self }
        // A matrix product with constant weights, so that the gradient finds its way back to the stored rows.
        var weights = [Float](repeating: 0, count: wanted * stored)
        let scale = Float(stored) / Float(wanted)
        for row in 0..<wanted {
            let place = max(0, scale * (Float(row) + 0.5) - 0.5)
            let low = min(Int(place), stored - 1)
            let share = place - Float(low)
            weights[row * stored + low] += 1 - share
            weights[row * stored + min(low + 1, stored - 1)] += share
        }
        return Tensor(weights, shape: [wanted, stored]).matmul(self)
    }
}
