/// Which statistics the batch normalisations of an encoder (TinyViT) use while they are trained.
package enum BatchNormMode: String, Sendable, Hashable, CaseIterable {
    /// Those of the weights that training begins with, which stay as they are: the usual way with few images at a time.
    case frozen
    /// Those of each batch of images, as PyTorch's training mode: the running ones move along, and are what validations and the
    /// trained model use.
    case batch
}
