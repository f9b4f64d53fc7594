internal import ArgumentParser
package import Runtime

/// A number of bytes as an argument.
extension ByteSize: ExpressibleByArgument {
    package init?(argument: String) { self.init(text: argument) }

    package var defaultValueDescription: String { description.filter { $0 != " " } }
}
