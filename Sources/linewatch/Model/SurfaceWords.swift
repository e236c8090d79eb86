import AnomalyModels
import ArgumentParser
import Evaluation
import Imaging
import Kernels
import TOMLKit
import Training

/// Words for the surfaces of data sets.
struct SurfaceWords {
    private struct Surface {
        let sets: [String]
        let vector: [Float]
        let title: String
    }

    private let surfaces: [Surface]

    /// Reads names of what data sets show: a list for each. Throws what is wrong with the file.
    static func names(in path: String) throws -> [String: [String]] {
        let text = String(decoding: try ImageFile.bytes(of: path), as: UTF8.self)
        let lists: [String: [String]]
        do { lists = try TOMLDecoder().decode([String: [String]].self, from: text) } catch {
            throw ValidationError("'\(path)' is no list of names for each data set: \(error)")
        }
        guard lists.count > 1, lists.values.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("'\(path)' must name at least two data sets, each with at least one name.")
        }
        return lists
    }

    /// Reads the names. Sets with the same list show the same surface. Throws what is wrong with the file.
    init(names path: String, _ phrases: PhraseEncoder) throws {
        let lists = try Self.names(in: path)
        surfaces = try Dictionary(grouping: lists.keys.sorted()) { lists[$0] ?? [] }
            .sorted { $0.value[0] < $1.value[0] }
            .map { names, sets in
                Surface(sets: sets, vector: try phrases.vector(ofAll: names), title: names[0])
            }
    }

    /// A row for all surfaces, each counting the same, and one for each.
    func rows(
        _ encoder: PictureEncoder, _ collection: ImageCollection, every: Int, _ kernels: KernelTable
    ) throws -> [WordsRow] {
        let vectors = surfaces.flatMap(\.vector)
        let input = MethodInput(
            size: Size(width: encoder.side, height: encoder.side), keepsAspect: false)
        var all = WordRetrieval(groups: surfaces.count)
        var each = surfaces.map { _ in WordRetrieval(groups: 1) }
        for (index, surface) in surfaces.enumerated() {
            let rows = collection.manifest.rows.filter { surface.sets.contains($0.dataSet) }
            for number in stride(from: 0, to: rows.count, by: every) {
                let image = try RGBImage(contentsOf: collection.folder + "/" + rows[number].path)
                let seen = encoder.embedding(of: try input.tensor(of: image, kernels).pixels)
                let isRight = WordRetrieval.nearest(seen, vectors[...]) == index
                all.add(isRight, to: index)
                each[index].add(isRight, to: 0)
            }
        }
        let chance = 1 / Double(surfaces.count)
        return [WordsRow("surface, mean of \(surfaces.count)", all, chance: chance)]
            + zip(surfaces, each).filter { $0.1.count > 0 }.map {
                WordsRow("  \($0.0.title)", $0.1, chance: chance)
            }
    }
}
