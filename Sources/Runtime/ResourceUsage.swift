private import Glibc

/// What the process has used of the machine.
package enum ResourceUsage {
    /// The most memory that was resident at once since the process began, in bytes.
    package static var peakMemoryBytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        // Linux counts in kibibytes.
        return usage.ru_maxrss * 1024
    }
}
