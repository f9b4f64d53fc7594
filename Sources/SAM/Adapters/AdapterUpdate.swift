package import Layers
package import Tensors

/// One update of low rank of a model's weight: where it belongs, its two matrices, and what it counts.
///
/// Shapes: r rank. Source: Hu et al., "LoRA", ICLR 2022; the first values are those of its code, and of SAMed.
package struct AdapterUpdate: Sendable {
    package let site: AdapterSite
    /// r, at least 1.
    package let rank: Int
    /// The product counts alpha / r.
    package let alpha: Double
    /// The matrices, and the rows that they change.
    package let update: LowRankUpdate

    /// - Parameters:
    ///   - rows: of the weight, as the site has them.
    ///   - inputs: columns of the weight.
    ///   - initializer: draws A, uniform in ±1 / sqrt(inputs) (Kaiming's rule with a = sqrt 5); B is zero, so that nothing
    ///     changes yet.
    package init(
        _ site: AdapterSite, rank: Int, alpha: Double, rows: [Range<Int>], inputs: Int,
        from initializer: WeightInitializer
    ) {
        self.site = site
        self.rank = rank
        self.alpha = alpha
        update = LowRankUpdate(
            a: initializer.fanInUniform(site.nameOfA, shape: [rank, inputs], fanIn: inputs),
            b: initializer.constant(site.nameOfB, shape: [rows.reduce(0) { $0 + $1.count }, rank], 0), rows: rows,
            scale: Float(alpha / Double(rank)))
    }

    /// A and B.
    package var parameters: [Parameter] { [update.a, update.b] }
}

extension SAMModel {
    /// Adds updates to what the model computes from now on, in place of those that were there.
    ///
    /// The updates' parameters are none of the model's own.
    package func attach(_ updates: [AdapterUpdate]) {
        let byWeight = Dictionary(grouping: updates, by: \.site.weight)
        forEachParameter { parameter in
            guard parameter.isMatrix || !parameter.updates.isEmpty else { return }
            parameter.attach((byWeight[parameter.name] ?? []).map(\.update))
        }
    }

    /// The weights of linear layers, in the model's order.
    package var matrices: [Parameter] { parameters.filter(\.isMatrix) }
}
