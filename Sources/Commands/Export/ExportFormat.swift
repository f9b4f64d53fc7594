internal import ArgumentParser

/// A form in which weights are written.
package enum ExportFormat: String, Sendable, Hashable, CaseIterable, ExpressibleByArgument {
    /// With the reference's names, and the configuration in the metadata.
    case safetensors
    /// A PyTorch archive of the state dict, with the reference's names.
    case pth
    /// Low-rank updates alone: safetensors for Sam_LoRA, or with prompt encoder and mask decoder a `.pth` for SAMed.
    case samLoRA = "sam-lora"
    /// A folder for `SamModel.from_pretrained` of Hugging Face transformers.
    case huggingface

    /// What a file's name says: its ending, or a folder where it has none.
    init?(path: String) {
        let name = path.split(separator: "/").last ?? ""
        guard name.contains(".") else {
            self = .huggingface
            return
        }
        switch name.lowercased().split(separator: ".").last {
        case "safetensors": self = .safetensors
        case "pth", "pt": self = .pth
        default: return nil
        }
    }
}
