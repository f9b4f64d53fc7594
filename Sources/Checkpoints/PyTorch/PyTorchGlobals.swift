/// What a class or function that a checkpoint names means here.
enum PyTorchRole: Hashable {
    /// A dictionary that keeps its order.
    case orderedDictionary
    /// A tensor: storage, offset, shape, strides, and what does not matter here.
    case tensor
    /// A tensor whose element type is the seventh argument.
    case tensorWithType
    /// A parameter around a tensor.
    case parameter
    /// A storage of elements of a type.
    case storage(ScalarType)
    /// A storage of bytes.
    case untypedStorage
    /// An element type.
    case elementType(ScalarType)
    /// The shape of a tensor.
    case shape
    /// A plain value that is not looked into.
    case opaque
}

/// The names that a checkpoint may use: all of them make data, and none of them is ever called.
///
/// Those that PyTorch writes for state dicts, and those for plain values that lie beside them: a part of what
/// `torch.load(weights_only=True)` allows.
enum PyTorchGlobals {
    private static let roles: [PickleGlobal: PyTorchRole] = {
        var roles: [PickleGlobal: PyTorchRole] = [
            .init("collections", "OrderedDict"): .orderedDictionary,
            .init("torch._utils", "_rebuild_tensor"): .tensor,
            .init("torch._utils", "_rebuild_tensor_v2"): .tensor,
            .init("torch._utils", "_rebuild_tensor_v3"): .tensorWithType,
            .init("torch._utils", "_rebuild_parameter"): .parameter,
            .init("torch.storage", "UntypedStorage"): .untypedStorage,
            .init("torch", "Size"): .shape,
            .init("torch", "device"): .opaque,
            .init("_codecs", "encode"): .opaque,
            .init("argparse", "Namespace"): .opaque,
            .init("collections", "Counter"): .opaque,
            .init("numpy", "dtype"): .opaque,
            .init("numpy.core.multiarray", "scalar"): .opaque,
            .init("numpy._core.multiarray", "scalar"): .opaque,
        ]
        for module in ["builtins", "__builtin__"] {
            for name in ["set", "bytearray", "complex"] { roles[.init(module, name)] = .opaque }
        }
        for type in ScalarType.allCases {
            roles[.init("torch", type.torchName)] = .elementType(type)
            if let name = type.torchStorageName { roles[.init("torch", name)] = .storage(type) }
        }
        return roles
    }()

    /// Modules that no data needs and that hostile files use.
    private static let codeModules: Set = [
        "os", "posix", "nt", "sys", "subprocess", "builtins", "__builtin__", "importlib", "socket", "shutil", "runpy",
        "ctypes", "pty", "webbrowser", "pickle", "code", "types", "operator",
    ]

    /// What a name means, or nil for one that may not occur.
    static func role(of global: PickleGlobal) -> PyTorchRole? { roles[global] }

    /// Why a name may not occur, or nil for one that may.
    static func refusal(of global: PickleGlobal) -> String? {
        if roles[global] != nil { return nil }
        let top = global.module.split(separator: ".").first.map(String.init) ?? ""
        if codeModules.contains(top) {
            return "the file asks Python to use \(global), which is code that no checkpoint needs; nothing was run. "
                + "The file may be hostile: do not load it in Python"
        }
        if top == "__torch__" {
            return "the file is a TorchScript program (\(global)), not a state dict; in Python, save "
                + "torch.jit.load(file).state_dict() with torch.save"
        }
        if global.module == "torch" {
            return "the file uses \(global), which is none of the element types and classes that samdata reads; in "
                + "Python, convert the tensors to float32 and save them with torch.save"
        }
        return
            "the file holds a whole Python object (\(global)), not only tensors and plain values; where you trust it, "
            + "load it in Python and save model.state_dict() with torch.save"
    }
}
