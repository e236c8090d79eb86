package import AnomalyModels
import FoundationEssentials
import Glibc
package import Platform

// THE STATE FOLDER, AS FAR AS MODELS GO
//
//   models/<sha256>/                     packages made or installed on this box
//   inspections/<name>/current           symbolic link to ../../models/<sha256>, exchanged by rename
//   inspections/<name>/previous          the one before it; a return lets the two change places in one rename
//   inspections/<name>/threshold         what the operator set: "ppm N" or "raw X"; absent: as configured
//   inspections/<name>/proposed/SEQ.png  parts rejected falsely, to be learned (mark ok --absorb, teach --corrections)
//   inspections/<name>/missed/SEQ.png    parts whose defect was missed (mark ng), and in SEQ.box where it is
//   inspections/<name>/words             what the operator called the class, a line each: "name TEXT", "good TEXT" or
//                                        "bad TEXT" (class set); absent: as configured
//   recipe                               the number of the recipe that was chosen
//
// A link is there or not, and names a whole package: no crash leaves anything in between.

/// The taught products of this box, and what operators chose: everything that survives a restart beside the log.
package struct ProductShelf: Sendable {
    /// The state folder.
    package let folder: String

    package init(folder: String) { self.folder = folder }

    package var models: String { folder + "/models" }

    private func inspection(_ name: String) -> String { folder + "/inspections/" + name }

    /// The folder of the package that `inspection` uses, or used before; nil if there is none.
    package func directory(of inspection: String, previous: Bool = false) -> String? {
        let link = self.inspection(inspection) + (previous ? "/previous" : "/current")
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link) else {
            return nil
        }
        return models + "/" + (target.split(separator: "/").last.map(String.init) ?? "")
    }

    /// Makes the package in `directory` the current one of `inspection`, and the one that was the previous.
    ///
    /// Durable. Throws the call that failed, with its path.
    package func activate(_ directory: String, for inspection: String) throws(PlatformError) {
        try makeFolder(self.inspection(inspection))
        if let current = self.directory(of: inspection), current != directory {
            try link(current, inspection, "previous")
        }
        try link(directory, inspection, "current")
    }

    /// Lets current and previous change places, in one step and durably. Throws if there is no previous one.
    package func rollBack(_ inspection: String) throws(PlatformError) -> String {
        let folder = self.inspection(inspection)
        guard let previous = directory(of: inspection, previous: true) else {
            throw .refused(call: "readlink", path: folder + "/previous", code: ENOENT)
        }
        if directory(of: inspection) == nil {
            // Nothing to change places with: somebody took the link away.
            try link(previous, inspection, "current")
        } else {
            try exchange(folder + "/current", folder + "/previous")
        }
        try flushFolder(folder)
        return previous
    }

    private func link(_ directory: String, _ inspection: String, _ name: String) throws(PlatformError) {
        let path = self.inspection(inspection) + "/" + name
        let target = "../../models/" + (directory.split(separator: "/").last.map(String.init) ?? "")
        _ = unsafe unlink(path + ".new")
        guard unsafe symlink(target, path + ".new") == 0 else { throw .last("symlink", path + ".new") }
        guard unsafe rename(path + ".new", path) == 0 else { throw .last("rename", path) }
        try flushFolder(self.inspection(inspection))
    }

    private func makeFolder(_ path: String) throws(PlatformError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch { throw .last("mkdir", path) }
    }

    // MARK: What operators chose

    /// A threshold that an operator set for an inspection: wins over the settings file.
    package enum Chosen: Hashable, Sendable {
        case ppm(Int)
        case raw(Float)
    }

    package func threshold(of inspection: String) -> Chosen? {
        let words = text(self.inspection(inspection) + "/threshold").split(separator: " ")
        guard words.count == 2 else { return nil }
        switch words[0] {
        case "ppm": return Int(words[1]).map(Chosen.ppm)
        case "raw": return Float(words[1]).map(Chosen.raw)
        default: return nil
        }
    }

    package func set(_ threshold: Chosen, for inspection: String) throws(PlatformError) {
        try makeFolder(self.inspection(inspection))
        let line =
            switch threshold {
            case .ppm(let ppm): "ppm \(ppm)\n"
            case .raw(let raw): "raw \(raw)\n"
            }
        try writeAtomically(self.inspection(inspection) + "/threshold", Array(line.utf8))
    }

    /// What the operator called the class of an inspection; nil: as configured. Throws `ModelError.text` if the file
    /// holds words that cannot be used.
    package func words(of inspection: String) throws(ModelError) -> ClassWords? {
        let path = self.inspection(inspection) + "/words"
        guard let data = FileManager.default.contents(atPath: path), data.count < 65_536 else { return nil }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        func texts(_ kind: String) -> [String] {
            lines.filter { $0.hasPrefix(kind + " ") }.map { String($0.dropFirst(kind.count + 1)) }
        }
        return try ClassWords(names: texts("name"), good: texts("good"), bad: texts("bad"))
    }

    /// Keeps `words`; nil: those of the settings count again.
    package func set(_ words: ClassWords?, for inspection: String) throws(PlatformError) {
        try makeFolder(self.inspection(inspection))
        let path = self.inspection(inspection) + "/words"
        guard let words else {
            guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .last("unlink", path) }
            return
        }
        let lines =
            words.names.map { "name \($0)\n" } + words.good.map { "good \($0)\n" }
            + words.bad.map { "bad \($0)\n" }
        try writeAtomically(path, Array(lines.joined().utf8))
    }

    /// The recipe that was chosen last; nil if none was.
    package var recipe: UInt16? { UInt16(text(folder + "/recipe")) }

    package func set(recipe: UInt16) throws(PlatformError) {
        try writeAtomically(folder + "/recipe", Array("\(recipe)\n".utf8))
    }

    private func text(_ path: String) -> String {
        guard let data = FileManager.default.contents(atPath: path), data.count < 4_096 else { return "" }
        return String(decoding: data, as: UTF8.self).filter { !$0.isNewline }
    }
}
