/// What a user would take instead of samdata.
enum Peer: String, Codable, CaseIterable, Sendable {
    /// PyTorch, operation by operation (eager).
    case pytorch
    /// ONNX Runtime, on a model exported from PyTorch.
    case onnxRuntime = "onnxruntime"

    /// The name that people know it by.
    var title: String {
        switch self {
        case .pytorch: "PyTorch"
        case .onnxRuntime: "ONNX Runtime"
        }
    }

    /// The packages on PyPI that it takes, all of them.
    var packages: [String] {
        switch self {
        case .pytorch: ["torch", "segment-anything"]
        case .onnxRuntime: ["torch", "segment-anything", "onnx", "onnxruntime"]
        }
    }
}
