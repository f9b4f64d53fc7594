package import Runtime

/// A stage as a file or the command line describes it: its name and settings.
package struct StageDescription: Sendable {
    package let name: String
    package let settings: [StageValue.Member]
    /// Where it is described.
    package let location: DataLocation?

    package init(_ name: String, _ settings: [StageValue.Member], at location: DataLocation? = nil) {
        self.name = name
        self.settings = settings
        self.location = location
    }

    package init(_ name: String, _ settings: KeyValuePairs<String, StageValue>) {
        self.init(name, settings.map { StageValue.Member($0.key, $0.value) })
    }
}
