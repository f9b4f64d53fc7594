private import Foundation
private import Glibc

/// A socket on a free port of this machine that takes connections from it alone.
package struct LoopbackListener: Sendable {
    /// Whoever takes it over closes it.
    package let descriptor: Int32
    package let port: Int

    /// - Parameter backlog: connections that may wait to be accepted.
    /// - Throws: `CocoaError` when the system gives no port.
    package init(backlog: Int32) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isReady = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 && listen(descriptor, backlog) == 0
                    && getsockname(descriptor, generic, &size) == 0
            }
        }
        guard isReady else {
            close(descriptor)
            throw CocoaError(.fileReadUnknown)
        }
        self.descriptor = descriptor
        port = Int(UInt16(bigEndian: address.sin_port))
    }
}
