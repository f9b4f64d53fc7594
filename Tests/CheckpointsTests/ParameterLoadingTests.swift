import Checkpoints
import Tensors
import TestSupport
import Testing

@Suite struct ParameterLoadingTests {
    private func parameter(_ name: String, _ shape: [Int], _ value: Float = 0) -> Parameter {
        Parameter(name: name, value: Tensor(repeating: value, shape: shape))
    }

    @Test func valuesGoToTheirNames() throws {
        let source = [parameter("b", [2, 3], 1.5), parameter("a", [], -2)]
        let directory = try TemporaryDirectory()
        try SafeTensors.write(StateDict(source), to: directory.file("m"))
        let target = [parameter("a", []), parameter("b", [2, 3])]
        try SafeTensors.read(directory.file("m")).load(into: target)
        #expect(target[0].value.values == [-2])
        #expect(target[1].value.values == [Float](repeating: 1.5, count: 6))
    }

    /// Other element types become float32.
    @Test func halfPrecisionIsWidened() throws {
        var state = StateDict()
        state.append("a", StateTensor(shape: [2], scalarType: .bfloat16, bytes: [0x80, 0x3f, 0x00, 0xc0]))
        let target = [parameter("a", [2])]
        try state.load(into: target)
        #expect(target[0].value.values == [1, -2])
    }

    @Test func everythingThatDoesNotFitIsNamedAndNothingChanged() {
        let state = StateDict([parameter("fits", [1], 9), parameter("extra.one", [1]), parameter("turned", [3, 2])])
        let target = [
            parameter("fits", [1]), parameter("lost.one", [1]), parameter("lost.two", [2]),
            parameter("turned", [2, 3]),
        ]
        let error = #expect(throws: CheckpointError.self) { try state.load(into: target) }
        let mismatch = ParameterMismatch(of: target, to: state)
        #expect(mismatch.missing == ["lost.one", "lost.two"])
        #expect(mismatch.unexpected == ["extra.one"])
        #expect(mismatch.misshaped == [.init(name: "turned", found: [3, 2], wanted: [2, 3])])
        for part in ["lost.one", "lost.two", "extra.one", "turned [3, 2] instead of [2, 3]"] {
            #expect(error?.message.contains(part) == true, "\(part)")
        }
        #expect(error?.code == .mismatch)
        #expect(target[0].value.values == [0])
    }
}
