/// A class or function that a pickle names.
package struct PickleGlobal: Sendable, Hashable, CustomStringConvertible {
    /// The module, such as `torch._utils`.
    package let module: String
    /// The name in the module, such as `_rebuild_tensor_v2`.
    package let name: String

    package init(_ module: String, _ name: String) {
        self.module = module
        self.name = name
    }

    package var description: String { "\(module).\(name)" }
}
