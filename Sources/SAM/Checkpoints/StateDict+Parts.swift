internal import Checkpoints
private import Foundation
private import Tensors

extension StateDict {
    /// The tensors of the model alone where they stand under a name of somebody's own, such as that of a training module.
    ///
    /// - Returns: the tensors without the prefix, and the prefix; all of them and nil where there is none, or more than one.
    func belowModelPrefix() -> (state: StateDict, prefix: String?) {
        let marks = ["image_encoder.", "vision_encoder."]
        let prefixes = Set(
            names.compactMap { name in
                marks.compactMap { mark in name.range(of: mark).map { String(name[..<$0.lowerBound]) } }.first
            })
        guard let prefix = prefixes.first, prefixes.count == 1, prefix.hasSuffix(".") else { return (self, nil) }
        var result = StateDict()
        result.metadata = metadata
        for entry in entries where entry.name.hasPrefix(prefix) {
            result.append(String(entry.name.dropFirst(prefix.count)), entry.tensor)
        }
        return (result, prefix)
    }

    /// The tensors without buffers that say nothing new, and with the head of TinyViT, which nothing uses and some files leave
    /// out.
    func withoutSpareParts() -> StateDict {
        // What mean and deviation say stands in the configuration; the indexes follow from the windows.
        func isSpare(_ name: String) -> Bool {
            name == "pixel_mean" || name == "pixel_std" || name.hasSuffix(".attn.attention_bias_idxs")
        }
        let head = "image_encoder.head.weight"
        let lacksHead = self["image_encoder.patch_embed.seq.0.c.weight"] != nil && self[head] == nil
        guard lacksHead || names.contains(where: isSpare) else { return self }
        var result = StateDict()
        result.metadata = metadata
        for entry in entries where !isSpare(entry.name) { result.append(entry.name, entry.tensor) }
        if lacksHead, let width = self["image_encoder.neck.0.weight"]?.shape.dropFirst().first, width <= 1 << 16 {
            for (name, shape) in [
                ("norm_head.weight", [width]), ("norm_head.bias", [width]), ("head.weight", [1000, width]),
                ("head.bias", [1000]),
            ] where self["image_encoder." + name] == nil {
                result.append("image_encoder." + name, StateTensor(Tensor(zeros: shape)))
            }
        }
        return result
    }
}
