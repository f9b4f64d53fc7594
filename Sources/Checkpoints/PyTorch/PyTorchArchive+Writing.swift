package import Runtime

extension PyTorchArchive {
    /// Storages start at multiples of so many bytes, as PyTorch's own do.
    private static let alignment = 64
    /// The folder in the archive; the same whatever the file is called, so that its bytes are.
    private static let top = "archive/"
    private static let orderedDictionary = PickleGlobal("collections", "OrderedDict")

    /// Writes a state dict that `torch.load(path, weights_only=True)` reads as an `OrderedDict` of tensors, in order.
    ///
    /// The file is written atomically, and the same tensors and metadata give the same bytes. Metadata go into an entry of
    /// our own (``PyTorchMetadata``), which PyTorch passes over.
    ///
    /// - Throws: `FileError.write`.
    package static func write(_ state: StateDict, to path: String) throws(FileError) {
        let writer = try AtomicFileWriter(path: path)
        var archive = ZipWriter(writer, alignment: alignment)
        try archive.append(top + "data.pkl", pickle(of: state))
        try archive.append(top + "byteorder", Array("little".utf8))
        for (index, entry) in state.entries.enumerated() {
            let outcome: Result<Void, FileError> = entry.tensor.withBytes { bytes in
                do throws(FileError) {
                    return .success(try archive.append("\(top)data/\(index)", bytes))
                } catch {
                    return .failure(error)
                }
            }
            try outcome.get()
            entry.tensor.releasePages()
        }
        if !state.metadata.isEmpty {
            try archive.append(top + PyTorchMetadata.entryName, PyTorchMetadata.encoded(state.metadata))
        }
        try archive.append(top + "version", Array("3\n".utf8))
        try archive.finish()
        try writer.commit()
    }

    /// The pickle: an ordered dictionary of tensors, each the whole of a storage of its own.
    private static func pickle(of state: StateDict) -> [UInt8] {
        var pickler = Pickler()
        addOrderedDictionary(to: &pickler)
        pickler.add(.mark)
        for (index, entry) in state.entries.enumerated() {
            pickler.text(entry.name)
            add(entry.tensor, key: String(index), to: &pickler)
        }
        pickler.add(.setItems)
        pickler.add(.stop)
        return pickler.bytes
    }

    private static func add(_ tensor: StateTensor, key: String, to pickler: inout Pickler) {
        let type = tensor.scalarType
        pickler.global(
            PickleGlobal("torch._utils", type.torchStorageName == nil ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2"))
        pickler.add(.mark)
        pickler.add(.mark)
        pickler.text("storage")
        if let name = type.torchStorageName {
            pickler.global(PickleGlobal("torch", name))
        } else {
            pickler.global(PickleGlobal("torch.storage", "UntypedStorage"))
        }
        pickler.text(key)
        pickler.text("cpu")
        pickler.integer(type.torchStorageName == nil ? tensor.byteCount : tensor.elementCount)
        pickler.add(.tuple)
        pickler.add(.binPersistentID)
        pickler.integer(0)
        pickler.tuple(tensor.shape)
        pickler.tuple(strides(of: tensor.shape))
        // No gradient is wanted, and there are no hooks.
        pickler.add(.newFalse)
        addOrderedDictionary(to: &pickler)
        if type.torchStorageName == nil { pickler.global(PickleGlobal("torch", type.torchName)) }
        pickler.add(.tuple)
        pickler.add(.reduce)
    }

    private static func addOrderedDictionary(to pickler: inout Pickler) {
        pickler.global(orderedDictionary)
        pickler.add(.emptyTuple)
        pickler.add(.reduce)
    }

    /// Row-major strides, in elements; of an axis of length 0 as if it were 1, which is PyTorch's way.
    private static func strides(of shape: [Int]) -> [Int] {
        var stride = 1
        var result: [Int] = []
        for length in shape.reversed() {
            result.append(stride)
            stride *= max(1, length)
        }
        return result.reversed()
    }
}
