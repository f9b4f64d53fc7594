/// Runs the tape backward from `loss`: adds the derivatives to the gradients of the parameters and leaves behind it.
///
/// Operations run in the reverse of the order in which they were recorded, so sums are formed in the same order every
/// time; each lets go of what it kept as soon as it has run. A tape runs backward once.
///
/// - Parameters:
///   - loss: what to differentiate; nothing happens when nothing trainable is behind it.
///   - seed: the gradient of what is wanted with respect to `loss`; 1 for a scalar.
package func backward(_ loss: Tensor, seed: Tensor? = nil) {
    precondition(seed != nil || loss.count == 1, "backward from shape \(loss.shape) needs a seed of that shape")
    backward([(loss, seed ?? Tensor(repeating: 1, shape: loss.shape))])
}

/// ``backward(_:seed:)`` from several tensors at once, each with its own seed.
package func backward(_ outputs: [(tensor: Tensor, seed: Tensor)]) {
    var seen: Set<ObjectIdentifier> = []
    var reached: [TapeNode] = []
    for (tensor, seed) in outputs {
        guard let node = tensor.node else { continue }
        node.accumulate(seed)
        if seen.insert(ObjectIdentifier(node)).inserted { reached.append(node) }
    }
    var next = 0
    while next < reached.count {
        for input in reached[next].inputs where seen.insert(ObjectIdentifier(input)).inserted {
            reached.append(input)
        }
        next += 1
    }
    reached.sort { $0.order > $1.order }
    GradientRecording.off {
        for node in reached where !node.isLeaf { node.propagate() }
    }
}
