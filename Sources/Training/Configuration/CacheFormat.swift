package import Kernels

/// How a cache of embeddings keeps its numbers.
package enum CacheFormat: String, Sendable, Hashable, CaseIterable {
    /// As they were computed: training from the cache is training without it.
    case f32
    /// In half the space, with eleven bits of precision.
    case f16

    /// The format of numbers.
    package var elementFormat: ElementFormat { self == .f32 ? .float32 : .float16 }
}
