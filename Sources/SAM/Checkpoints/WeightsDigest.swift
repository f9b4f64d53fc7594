private import Layers
private import Runtime
internal import Tensors

extension SAMModel {
    /// A SHA-256 of all weights and of the configuration, whatever file they came from; updates that are attached to weights
    /// are no part of it.
    package var weightsDigest: String { Self.digest(configuration, parameters, withUpdates: false) }

    /// The same of what image embeddings depend on, updates included.
    var encoderDigest: String { Self.digest(configuration, imageEncoder.parameters, withUpdates: true) }

    /// The same of what an image's way to a depth of the encoder depends on, updates included.
    package func encoderDigest(to depth: EncoderDepth) -> String {
        Self.digest(configuration, imageEncoder.parameters(to: depth), withUpdates: true)
    }

    private static func digest(
        _ configuration: SAMConfiguration, _ parameters: [Parameter], withUpdates: Bool
    ) -> String {
        let stream = SHA256Stream()
        func add(_ text: String) { Array(text.utf8).withUnsafeBytes { stream.update($0) } }
        add(configuration.metadataText)
        for parameter in parameters {
            add(parameter.name)
            parameter.value.withUnsafeBuffer { stream.update(UnsafeRawBufferPointer($0)) }
            for update in withUpdates ? parameter.updates : [] {
                add("+ \(update.scale) \(update.rows)")
                for factor in [update.a, update.b] {
                    factor.value.withUnsafeBuffer { stream.update(UnsafeRawBufferPointer($0)) }
                }
            }
        }
        return stream.finish()
    }
}
