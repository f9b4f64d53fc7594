import Foundation
import Runtime
import Tensors
import Testing

@Suite struct AttentionPrecisionTests {
    /// Over as many keys as a SAM image has, the sums of exponentials stay as exact as single precision allows; summed
    /// key after key they are off five times as much, and gradients of relative position a hundred times.
    @Test func sumsOverManyKeysStayExact() {
        let (queries, keys, size) = (64, 4096, 16)
        var random = CounterRandom(seed: 3, purpose: RandomPurpose("attention precision"))
        func drawn(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
        let (q, k, v) = (drawn(queries * size), drawn(keys * size), drawn(keys * size))
        let found = Tensor.attention(
            query: Tensor(q, shape: [1, queries, size]), key: Tensor(k, shape: [1, keys, size]),
            value: Tensor(v, shape: [1, keys, size]), heads: 1
        ).values
        var largest = 0.0
        var deviation = 0.0
        for query in 0..<queries {
            var sum = 0.0
            var mixed = [Double](repeating: 0, count: size)
            for key in 0..<keys {
                let score = (0..<size).reduce(0.0) { $0 + Double(q[query * size + $1]) * Double(k[key * size + $1]) }
                let weight = exp(score / 4)
                sum += weight
                for channel in 0..<size { mixed[channel] += weight * Double(v[key * size + channel]) }
            }
            for channel in 0..<size {
                let expected = mixed[channel] / sum
                largest = max(largest, abs(expected))
                deviation = max(deviation, abs(expected - Double(found[query * size + channel])))
            }
        }
        #expect(deviation / largest < 1.5e-6, "\(deviation / largest)")
    }
}
