private import Foundation
private import Runtime

extension TrainingConfiguration {
    /// The configuration with paths that hold from any folder, so that a run can go on from another one.
    var withAbsolutePaths: TrainingConfiguration {
        let current = FileManager.default.currentDirectoryPath
        func absolute(_ path: String) -> String {
            if path.hasPrefix("/") || HTTPAddress.isMeant(by: path) { return path }
            let whole = URL(fileURLWithPath: FileSystem.join(current, path))
            let short = whole.standardizedFileURL
            // Behind a symbolic link `..` is not the folder before it.
            let isSame = short.resolvingSymlinksInPath().path == whole.resolvingSymlinksInPath().path
            return isSame ? short.path : whole.path
        }
        var configuration = self
        if !shards.isEmpty { configuration.shards = absolute(shards) }
        configuration.val = val.map(absolute)
        configuration.weights = weights.map(absolute)
        configuration.lora = lora.map(absolute)
        configuration.cacheFolder = cacheFolder.map(absolute)
        return configuration
    }
}
