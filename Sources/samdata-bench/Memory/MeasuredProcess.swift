import Glibc

/// A program that is run to its end, with the most memory that it had resident at once.
enum MeasuredProcess {
    struct Outcome {
        let status: Int32
        let peakMemoryBytes: Int
    }

    /// Runs a program with its output thrown away.
    ///
    /// The kernel's mark begins with that of the program that starts it: whoever calls this has to be small itself.
    ///
    /// - Throws: `BenchError.start`.
    static func run(_ program: String, _ arguments: [String]) throws(BenchError) -> Outcome {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
        }
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let failure = posix_spawn(&process, program, &actions, nil, &words, environ)
        guard failure == 0 else {
            throw BenchError(.start, "'\(program)' cannot be started: \(String(cString: strerror(failure)))")
        }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0 && errno == EINTR {}
        // As a shell has it: 128 and the signal's number where there was one.
        let code = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        return Outcome(status: code, peakMemoryBytes: usage.ru_maxrss * 1024)
    }
}
