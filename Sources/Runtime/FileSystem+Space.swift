private import Foundation

extension FileSystem {
    /// Bytes that may still be written to the disk of a path, or nil where the system does not say.
    ///
    /// - Parameter path: need not exist yet; the nearest folder above it that does is asked.
    package static func freeBytes(at path: String) -> Int? {
        var place = path.isEmpty ? "." : path
        while !exists(place) {
            let parent = (place as NSString).deletingLastPathComponent
            if parent == place { return nil }
            place = parent.isEmpty ? "." : parent
        }
        var status = statvfs()
        guard statvfs(place, &status) == 0 else { return nil }
        return Int(clamping: status.f_bavail.multipliedReportingOverflow(by: UInt(status.f_frsize)).partialValue)
    }
}
