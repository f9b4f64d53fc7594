import Foundation
import KernelABI
import Kernels

/// The machine that was measured on.
struct Machine: Codable, Hashable {
    /// One cache of the first processor.
    struct Cache: Codable, Hashable {
        /// 1 is nearest to the processor.
        let level: Int
        /// `Data`, `Instruction` or `Unified`.
        let type: String
        /// Its size.
        let bytes: Int
    }

    /// The processor's model, as it names itself.
    let processor: String
    /// Logical processors that are on.
    let processors: Int
    /// Caches of the first processor.
    let caches: [Cache]
    /// Main memory.
    let memoryBytes: Int
    /// Name of the kernel and its release.
    let system: String
    /// The build of the kernels in use, such as `v3`.
    let cpuLevel: String

    /// The machine that this process runs on.
    static func current() -> Machine {
        let information = ProcessInfo.processInfo
        let lines = content("/proc/cpuinfo").split(separator: "\n")
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return Machine(
            processor: (model.map(String.init) ?? "unknown").trimmingCharacters(in: .whitespaces),
            processors: information.activeProcessorCount, caches: caches(),
            memoryBytes: Int(information.physicalMemory), system: "Linux " + content("/proc/sys/kernel/osrelease"),
            cpuLevel: Kernels.table.level.name)
    }

    private static func caches() -> [Cache] {
        let folder = "/sys/devices/system/cpu/cpu0/cache"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            $0.hasPrefix("index")
        }
        return names.sorted().compactMap { name in
            let size = content("\(folder)/\(name)/size")
            guard let level = Int(content("\(folder)/\(name)/level")), let kibibytes = Int(size.dropLast()) else {
                return nil
            }
            return Cache(level: level, type: content("\(folder)/\(name)/type"), bytes: kibibytes * 1024)
        }
    }

    private static func content(_ path: String) -> String {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
