private import Foundation

/// A fresh directory for one test, removed with the value's last reference.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        path = NSTemporaryDirectory() + "/samdata-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The path of a file in the directory.
    package func file(_ name: String) -> String { path + "/" + name }

    /// Writes a file in the directory.
    package func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }

    /// Writes a text in the directory.
    package func write(_ text: String, _ name: String) throws { try write(Array(text.utf8), name) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
