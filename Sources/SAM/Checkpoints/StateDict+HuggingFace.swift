package import Checkpoints

extension StateDict {
    /// Whether the tensors have the names of Hugging Face's `SamModel`.
    package var hasHuggingFaceNames: Bool { HuggingFaceNames.areUsed(in: names) }

    /// The same tensors under the reference's names; of the matrix of positions, which may be there twice, one.
    package var withReferenceNames: StateDict {
        let layers = HuggingFaceNames.numberedLayers(in: names)
        var result = StateDict()
        result.metadata = metadata
        for entry in entries {
            let name = HuggingFaceNames.reference(entry.name, hiddenLayers: layers)
            if result[name] == nil { result.append(name, entry.tensor) }
        }
        return result
    }

    /// The same tensors under the names that `SamModel` has for them, as it saves them.
    package var withHuggingFaceNames: StateDict {
        let depths = HuggingFaceNames.numberedLayers(in: names)
        var result = StateDict()
        for entry in entries { result.append(HuggingFaceNames.huggingFace(entry.name, depths: depths), entry.tensor) }
        return result
    }
}
