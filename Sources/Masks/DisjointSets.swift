/// Sets of numbers that are joined step by step (union-find with path halving; the smaller number is the root).
package struct DisjointSets {
    private var parents: [Int]

    package init(count: Int) { parents = Array(0..<count) }

    /// The number that stands for the set of `member`.
    package mutating func root(of member: Int) -> Int {
        var current = member
        while parents[current] != current {
            parents[current] = parents[parents[current]]
            current = parents[current]
        }
        return current
    }

    package mutating func join(_ a: Int, _ b: Int) {
        let rootA = root(of: a)
        let rootB = root(of: b)
        parents[max(rootA, rootB)] = min(rootA, rootB)
    }
}
