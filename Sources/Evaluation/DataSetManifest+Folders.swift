// The folder convention of MVTec AD (Bergmann et al. 2019): SET/train/good, SET/test/good, SET/test/TYPE, and the masks
// in SET/ground_truth/TYPE/NAME_mask.png or SET/masks/TYPE/NAME.png.

extension DataSetManifest {
    /// The sets in a folder without a manifest, of which `paths` are all files, relative to it: the folder is one
    /// set called `name` if it has `train/good` or `test`, else each folder in it that has them is one.
    ///
    /// Rows of `train/good` are references, those of `test` are to be scored. Other files are passed over. In byte
    /// order of the paths.
    public init(paths: [String], name: String) {
        let sorted = paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let known = Set(paths)
        self.init(
            rows: sorted.compactMap { path in
                let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
                let isInside = !parts.contains("") && !parts.contains("..") && Self.isImage(path)
                guard isInside, [3, 4].contains(parts.count) else { return nil }
                let set = parts.count == 4 ? parts[0] : name
                let home = parts.count == 4 ? parts[0] + "/" : ""
                let part = parts[parts.count - 3], type = parts[parts.count - 2],
                    file = parts[parts.count - 1]
                let stem = file.split(separator: ".", omittingEmptySubsequences: false).dropLast().joined(
                    separator: ".")
                let isReference = part == "train" && type == "good"
                guard isReference || part == "test" else { return nil }
                let masks = ["ground_truth/\(type)/\(stem)_mask.png", "masks/\(type)/\(stem).png"]
                return Row(
                    path: path, dataSet: set, split: isReference ? .reference : .test,
                    isDefective: type != "good", defectType: type,
                    maskPath: type == "good" ? nil : masks.map { home + $0 }.first { known.contains($0) },
                    sha256: "", group: "")
            })
    }

    private static func isImage(_ path: String) -> Bool {
        let lowered = path.lowercased()
        return [".png", ".jpg", ".jpeg"].contains { lowered.hasSuffix($0) }
    }
}
