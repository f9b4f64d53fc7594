/// What a user would take instead of samdata.
enum Peer: String, Codable, CaseIterable, Sendable {
    /// PyTorch, operation by operation (eager).
    case pytorch
    /// ONNX Runtime, on a model exported from PyTorch.
    case onnxRuntime = "onnxruntime"
    /// datumaro, the converter of label formats.
    case datumaro
    /// hotcoco, the COCO tools in Rust.
    case hotcoco
    /// pycocotools, COCO's own.
    case pycocotools
    /// Augmentation of images and masks, on OpenCV.
    case albumentations
    /// Pillow, with numpy.
    case pillow
    /// PyTorch's reading and resizing of images.
    case torchvision
    /// tfrecord, which reads and writes TFRecord files without TensorFlow.
    case tfrecord
    /// ultrafast-pycocotools, pycocotools anew in Rust.
    case ultrafast

    /// The name that people know it by.
    var title: String {
        switch self {
        case .pytorch: "PyTorch"
        case .onnxRuntime: "ONNX Runtime"
        case .datumaro: "datumaro"
        case .hotcoco: "hotcoco"
        case .pycocotools: "pycocotools"
        case .albumentations: "albumentations"
        case .pillow: "Pillow"
        case .torchvision: "torchvision"
        case .tfrecord: "tfrecord"
        case .ultrafast: "ultrafast-pycocotools"
        }
    }

    /// The packages on PyPI that it takes, all of them.
    var packages: [String] {
        switch self {
        case .pytorch: ["torch", "segment-anything"]
        case .onnxRuntime: ["torch", "segment-anything", "onnx", "onnxruntime"]
        case .datumaro: ["datumaro", "tensorflow-cpu"]
        case .hotcoco: ["hotcoco"]
        case .pycocotools: ["pycocotools"]
        case .albumentations: ["albumentations", "opencv-python-headless", "numpy"]
        case .pillow: ["pillow", "numpy"]
        case .torchvision: ["torch", "torchvision"]
        case .tfrecord: ["tfrecord"]
        case .ultrafast: ["ultrafast-pycocotools"]
        }
    }
}
