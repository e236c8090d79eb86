import AnomalyModels
import ArgumentParser
import Evaluation
import Imaging
import Kernels
import Training

/// Data sets from outside that a training includes, for weights that are not shipped: their rows 'train' and 'val'.
struct IncludedSets: CustomStringConvertible {
    /// Of the data sets.
    let names: [String]
    /// The names of what they show, a list for each surface.
    let kinds: [[String]]
    private let surfaces: [String: [String]]
    private let pictures: CollectedPictures
    private let digest: String

    /// Those of `sets`, with commas between, or all in `folder` that have rows to train on. Throws `ValidationError`
    /// if there are none, or if nobody says what one of them shows.
    init(
        folder: String, sets: String?, surfaces path: String, side: Int, seed: UInt64, kernels: KernelTable
    ) throws {
        let collection = try ImageCollection(folder: folder)
        let lists = try SurfaceWords.names(in: path)
        let rows = try collection.trainable(sets, in: folder)
        let found = DataSetManifest(rows: rows).dataSets
        if let unnamed = found.first(where: { lists[$0] == nil }) {
            throw ValidationError("'\(path)' does not say what '\(unnamed)' shows.")
        }
        names = found.sorted()
        surfaces = lists
        kinds = names.reduce(into: []) { kinds, name in
            let list = lists[name] ?? []
            if !kinds.contains(list) { kinds.append(list) }
        }
        digest = collection.digest ?? "none"
        pictures = CollectedPictures(
            rows: rows, folder: collection.folder, side: side, seed: seed,
            nouns: lists.compactMapValues(\.first), kernels: kernels)
    }

    /// Everything that the pictures depend on beside side and seed.
    var description: String { "\(names.joined(separator: "+")) manifest \(digest)" }

    /// Picture `index`, and the first name of what it shows. Blocks. Throws as `CollectedPictures.picture` does.
    func picture(
        _ index: Int, _ faults: inout PictureFaults
    ) throws -> (picture: TrainingPicture, kind: String) {
        (try pictures.picture(index, &faults), surfaces[pictures.dataSet(index)]?.first ?? "")
    }
}

extension ImageCollection {
    /// The rows 'train' and 'val' of `sets`, with commas between, or of all sets. Throws `ValidationError` naming `folder` if
    /// there are none of one of them, or of any.
    func trainable(_ sets: String?, in folder: String) throws -> [DataSetManifest.Row] {
        let wanted = sets?.split(separator: ",").map(String.init)
        let rows = manifest.rows.filter {
            [.train, .val].contains($0.split) && wanted?.contains($0.dataSet) != false
        }
        let found = DataSetManifest(rows: rows).dataSets
        if let missing = (wanted ?? []).first(where: { !found.contains($0) }) {
            throw ValidationError("'\(folder)' has no set '\(missing)' that may be trained on.")
        }
        guard !found.isEmpty else {
            throw ValidationError("'\(folder)' has no set that may be trained on.")
        }
        return rows
    }
}
