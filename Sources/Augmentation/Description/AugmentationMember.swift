/// One name of an object, and its value.
package struct AugmentationMember: Sendable, Hashable {
    package var name: String
    package var value: AugmentationValue

    package init(_ name: String, _ value: AugmentationValue) {
        self.name = name
        self.value = value
    }
}
