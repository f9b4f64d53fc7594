/// A request that got no proper answer.
package struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// An address that is none, or of a kind that is not supported.
        case address
        /// Nobody answers there: refused, unreachable, closed too early.
        case unreachable
        /// The time was over.
        case timeout
        /// Something answers that is not HTTP, or without end.
        case garbage
        /// The file is not there.
        case missing
        /// An answer of failure that another try does not change.
        case refused
        /// The server sends whole files only.
        case ranges
        /// The file is not the one that it was, or not as long as it should be.
        case changed
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
