private import Layers
private import Runtime
private import Tensors

extension SAMModel {
    /// A SHA-256 of all weights and of the configuration: what results depend on, whatever file they came from.
    package var weightsDigest: String { Self.digest(configuration, parameters) }

    /// The same of what image embeddings depend on.
    var encoderDigest: String { Self.digest(configuration, imageEncoder.parameters) }

    private static func digest(_ configuration: SAMConfiguration, _ parameters: [Parameter]) -> String {
        let stream = SHA256Stream()
        func add(_ text: String) { Array(text.utf8).withUnsafeBytes { stream.update($0) } }
        add(configuration.metadataText)
        for parameter in parameters {
            add(parameter.name)
            parameter.value.withUnsafeBuffer { stream.update(UnsafeRawBufferPointer($0)) }
        }
        return stream.finish()
    }
}
