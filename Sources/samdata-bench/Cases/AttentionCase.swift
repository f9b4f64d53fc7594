import JSONText
import Tensors

/// Multi-head attention in the sizes of vit_b and of the mask decoder.
struct AttentionCase: BenchCase {
    static let group = "attention"
    static let all = [false, true].flatMap { isBackward in
        [
            AttentionCase("window", batch: 25, heads: 12, tokens: 196, headSize: 64, grid: 14, isBackward: isBackward),
            AttentionCase("global", batch: 1, heads: 12, tokens: 4096, headSize: 64, grid: 64, isBackward: isBackward),
            AttentionCase(
                "token-to-image", batch: 10, heads: 8, tokens: 7, keys: 4096, headSize: 16, isBackward: isBackward),
            AttentionCase(
                "image-to-token", batch: 10, heads: 8, tokens: 4096, keys: 7, headSize: 16, isBackward: isBackward),
        ]
    }

    /// What attends to what.
    let kind: String
    /// Sequences, each with attention of its own.
    let batch: Int
    /// Heads of each sequence.
    let heads: Int
    /// Tokens that attend.
    let queries: Int
    /// Tokens that are attended to.
    let keys: Int
    /// Channels of one head.
    let headSize: Int
    /// Height and width of the grid of a relative position; 0 without.
    let grid: Int
    /// Forward and backward, or forward alone.
    let isBackward: Bool

    /// Attention of `tokens` to themselves, or to `keys` others.
    init(
        _ kind: String, batch: Int, heads: Int, tokens: Int, keys: Int? = nil, headSize: Int, grid: Int = 0,
        isBackward: Bool
    ) {
        self.kind = kind
        self.batch = batch
        self.heads = heads
        self.queries = tokens
        self.keys = keys ?? tokens
        self.headSize = headSize
        self.grid = grid
        self.isBackward = isBackward
    }

    var title: String { kind + (isBackward ? "-backward" : "") }
    var detail: String {
        "attention, \(batch) x \(heads) heads of \(headSize), \(queries) by \(keys) tokens"
            + (isBackward ? ", forward and backward" : "")
    }

    /// The products alone: two forward, five backward, and one each way for each axis of the relative position.
    var operations: Double? {
        let head = Double(queries) * Double(headSize) * (2 * Double(keys) + 2 * Double(grid))
        let backward = Double(queries) * Double(headSize) * (5 * Double(keys) + 4 * Double(grid))
        return 2 * Double(batch * heads) * (isBackward ? head + backward : head)
    }

    var peerRequest: JSONValue {
        .request(
            "attention",
            [
                "batch": batch, "heads": heads, "queries": queries, "keys": keys, "head_size": headSize,
                "grid_height": grid, "grid_width": grid,
            ]
        ).with("backward", .bool(isBackward))
    }

    func prepare() -> () throws -> Void {
        let channels = heads * headSize
        let operands = [queries, keys, keys].map { tokens in
            let operand = Tensor.benchOperand([batch, tokens, channels])
            return isBackward ? operand.asLeaf() : operand
        }
        let position =
            grid == 0
            ? nil
            : {
                let table = Tensor.benchOperand([2 * grid - 1, headSize])
                return RelativePosition(
                    height: isBackward ? table.asLeaf() : table, width: isBackward ? table.asLeaf() : table,
                    grid: (grid, grid))
            }()
        let seed = Tensor.benchOperand([batch, queries, channels])
        return {
            let output = Tensor.attention(
                query: operands[0], key: operands[1], value: operands[2], heads: heads, relativePosition: position)
            if isBackward { backward(output, seed: seed) }
        }
    }
}
