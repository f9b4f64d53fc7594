/// The decomposed relative position of a self-attention over a grid of tokens.
///
/// The score of query (y, x) and key (y', x') gains `q · height[y - y' + H - 1] + q · width[x - x' + W - 1]`, with the
/// query not scaled. Source: segment-anything `add_decomposed_rel_pos`, after Li et al., "MViTv2: improved multiscale
/// vision transformers for classification and detection", CVPR 2022.
package struct RelativePosition {
    /// [2 H - 1, head size]
    package let height: Tensor
    /// [2 W - 1, head size]
    package let width: Tensor
    /// The grid (H, W); tokens are its cells, row-major.
    package let grid: (height: Int, width: Int)

    package init(height: Tensor, width: Tensor, grid: (height: Int, width: Int)) {
        precondition(
            height.rank == 2 && width.rank == 2 && height.shape[0] == 2 * grid.height - 1
                && width.shape[0] == 2 * grid.width - 1 && height.shape[1] == width.shape[1],
            "relative position tables \(height.shape) and \(width.shape) do not fit a grid of \(grid)")
        self.height = height
        self.width = width
        self.grid = grid
    }
}
