/// A number and what it is for.
package struct NamedNumber: Sendable, Hashable {
    package let name: String
    package let number: Double

    package init(name: String, number: Double) {
        self.name = name
        self.number = number
    }
}
