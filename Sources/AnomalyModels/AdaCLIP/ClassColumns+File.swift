import ModelPackages
import Tensors

// CLASS COLUMNS, a weight file: `normal` and `abnormal`, F32 [numbers of a sentence].

extension ClassColumns {
    /// What a file of these columns is called: it depends on the words and on the network that read them.
    package static func fileName(_ words: ClassWords, text digest: String) -> String {
        "columns-\(PackageDigest(of: Array("\(digest) \(words)".utf8))).safetensors"
    }

    /// The columns in the file at `path`, of `width` numbers; nil if there is none, or it is damaged: they are made anew
    /// then.
    package init?(contentsOf path: String, width: Int = Architecture.MiniLM.width) {
        guard let file = try? WeightFile(path: path), let normal = try? file.floats("normal"),
            let abnormal = try? file.floats("abnormal"),
            [normal, abnormal].allSatisfy({ $0.count == width && $0.allSatisfy(\.isFinite) })
        else { return nil }
        self.init(normal: normal, abnormal: abnormal)
    }

    /// Writes them to `path`, whose folder must be there, in one durable step. Blocks. Throws `package`.
    package func write(to path: String) throws(ModelError) {
        do {
            var file = WeightFileWriter()
            try file.addFloat32("normal", [normal.count], normal)
            try file.addFloat32("abnormal", [abnormal.count], abnormal)
            try file.write(to: path)
        } catch { throw .package(.weights(error)) }
    }
}
