internal import Runtime
internal import Shards

/// What conversions into shards have left in an output.
///
/// Files are samdata's where a manifest of its lists them, or the journal of a conversion that did not end: names like
/// `data-00000-of-00002.tfrecord` and `manifest.json` are given by other programs, too. In a folder of the output they are where
/// the set is a part of a split, which bears the folder's name; others are sets of their own.
extension OutputDirectory {
    /// Removes shards, indexes, manifests and unfinished files of samdata from the directory and its folders, and the folders
    /// that are empty then; other files stay.
    ///
    /// - Parameter layout: of the conversion to come, where it writes shards.
    func removeShards(for layout: ShardLayout?) throws {
        guard FileSystem.exists(path) else { return }
        let directories = try directories()
        let owned = try directories.map { try shardFiles(in: $0, layout) }
        let isSplit = owned.contains { !$0.isEmpty }
        for (directory, files) in zip(directories, owned) {
            var removed = 0
            for name in try FileSystem.list(directory) {
                let file = FileSystem.join(directory, name)
                guard
                    files.contains(file) || name.hasPrefix(ConversionJournal.prefix) || Self.isTemporary(name)
                        || isSplit && directory == path && name == SplitFile.name
                else { continue }
                try remove(file)
                removed += 1
            }
            if directory != path, removed > 0, try FileSystem.list(directory).isEmpty { try remove(directory) }
        }
    }

    /// Paths of the shards, indexes and the manifest in a directory that are samdata's.
    private func shardFiles(in directory: String, _ layout: ShardLayout?) throws -> Set<String> {
        var files: Set<String> = []
        let part = directory == path ? nil : FileSystem.lastComponent(directory)
        func add(_ shard: String) {
            guard let name = ShardFileName(shard), part == nil || name.name == part else { return }
            files.formUnion([name.file, name.indexFile].map { FileSystem.join(directory, $0) })
        }
        let manifest = FileSystem.join(directory, ShardManifest.fileName)
        if FileSystem.exists(manifest), let written = try? ShardManifest(path: manifest),
            part == nil || written.name == part
        {
            files.insert(manifest)
            for shard in written.shards { add(shard.file) }
        }
        let journals = try ConversionJournal.names(in: path)
        for journal in journals {
            for entry in try FileSystem.list(FileSystem.join(path, journal)) where entry.hasSuffix(".json") {
                add(String(entry.dropLast(".json".utf8.count)))
            }
        }
        // The shard that was finished last may not have been noted.
        if !journals.isEmpty { for shard in layout?.shards ?? [] { add(shard.name.file) } }
        return files
    }

    /// Looks for files of somebody else that bear the names of those to be written.
    ///
    /// - Throws: `PipelineError.outputExists` when there is one.
    func refuseOthers(_ layout: ShardLayout) throws {
        guard FileSystem.exists(path) else { return }
        let owned = try directories().reduce(into: Set<String>()) { $0.formUnion(try shardFiles(in: $1, layout)) }
        var names = layout.parts.map { FileSystem.join($0.directory, ShardManifest.fileName) }
        for shard in layout.shards {
            let directory = layout.parts[shard.part].directory
            names += [shard.name.file, shard.name.indexFile].map { FileSystem.join(directory, $0) }
        }
        let other = names.first { !owned.contains($0) && FileSystem.exists($0) && !FileSystem.isDirectory($0) }
        guard let other else { return }
        throw PipelineError(
            .outputExists,
            "the file is none that samdata has written, as far as manifests tell, and would be replaced; move it away, or choose another output",
            location: DataLocation(path: other))
    }
}
