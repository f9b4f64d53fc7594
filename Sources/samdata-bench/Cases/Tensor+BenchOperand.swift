import Runtime
import Tensors

extension Tensor {
    /// Random elements in -1..<1, the same every time.
    static func benchOperand(_ shape: [Int]) -> Tensor {
        var random = CounterRandom(seed: 1, purpose: RandomPurpose("bench operand"))
        let count = shape.reduce(1, *)
        return Tensor(shape: shape) { elements in
            for index in 0..<count { elements[index] = Float(random.uniform(-1..<1)) }
        }
    }
}
