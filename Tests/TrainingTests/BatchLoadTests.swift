import Testing
import Training

/// Which batches a plan of memory expects.
@Suite struct BatchLoadTests {
    @Test func imagesThatMayMeetAreTheOnesWithMostObjects() {
        let load = BatchLoad(anyOf: [3, 9, 1, 7])
        #expect(load.most == 9)
        #expect(load.worstBatch(of: 1) { $0 } == [9] && load.worstBatch(of: 3) { $0 } == [9, 7, 3])
        #expect(load.worstBatch(of: 9) { min($0, 5) } == [5, 5, 3, 1])
        #expect(BatchLoad(anyOf: []).worstBatch(of: 2) { $0 } == [])
    }

    /// In a fixed order neighbours meet, and the last batch may be short.
    @Test func inOrderNeighboursMeet() {
        let load = BatchLoad(inOrder: [9, 1, 4, 5, 2])
        #expect(load.worstBatch(of: 2) { $0 } == [9, 4] && load.worstBatch(of: 3) { $0 } == [9, 4, 1])
        #expect(load.worstBatch(of: 1) { $0 } == [9] && load.worstBatch(of: 8) { $0 } == [9, 5, 4, 2, 1])
    }
}
