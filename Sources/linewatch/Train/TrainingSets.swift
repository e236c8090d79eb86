import Evaluation
import ModelPackages

/// The data sets from outside that weights were trained on, as the manifest of their package says.
struct TrainingSets {
    let names: [String]
    private static let key = "training.sets"
    /// Sets that show the same images under several names.
    private static let families: [Set<String>] = [["neu_det", "neu_seg", "sd_saliency"]]

    init(_ names: [String]) { self.names = names }

    /// Those of `package`; none if its manifest names none.
    init(of package: ModelPackage) {
        guard case .string(let text)? = package.manifest.configuration[Self.key] else {
            names = []
            return
        }
        names = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
    }

    /// Writes them to a manifest, and that the weights are not for others; nothing if there are none.
    func mark(_ manifest: inout Manifest) {
        guard !names.isEmpty else { return }
        manifest.configuration[Self.key] = .string(names.joined(separator: ", "))
        manifest.configuration["redistribution"] = .string("restricted")
    }

    /// Those sets of `collection` whose images were seen: of the same name, of the same family, or with an image or a
    /// group in common with one of them.
    func seen(in collection: DataSetManifest) -> Set<String> {
        var seen = Set(names.map(Self.plain))
        for family in Self.families where !family.isDisjoint(with: seen) { seen.formUnion(family) }
        let own = collection.rows.filter { seen.contains(Self.plain($0.dataSet)) }
        let groups = Set(own.map(\.group)).subtracting([""])
        let images = Set(own.map(\.sha256)).subtracting([""])
        let related = collection.rows.filter { groups.contains($0.group) || images.contains($0.sha256) }
        return Set((own + related).map(\.dataSet))
    }

    private static func plain(_ name: String) -> String {
        name.lowercased().replacing("-", with: "_")
    }
}
