extension Array where Element == UInt8 {
    /// Runs `body` on the bytes; as `withUnsafeBytes`, with the type of the error kept.
    package func withBytes<Value, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try withUnsafeBytes { bytes in Result { () throws(Failure) in try body(bytes) } }.get()
    }
}
