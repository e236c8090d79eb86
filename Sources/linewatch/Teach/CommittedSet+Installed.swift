internal import AnomalyModels
internal import Inspection
internal import Kernels
internal import ModelPackages

extension CommittedSet {
    /// The packages that are installed beside the trunk, or were made on this box.
    private var locator: ModelLocator {
        let beside = trunk.split(separator: "/").dropLast().joined(separator: "/")
        return ModelLocator(searchPath: state + "/models:/" + beside, defaults: [])
    }

    func package(_ name: String) throws -> ModelPackage? {
        guard let directory = try? locator.find(name) else { return nil }
        return try ModelPackage(opening: directory, verifyingHashes: true)
    }

    var words: ClassWords {
        get throws { try ClassWords(names: names, good: goodWords, bad: badWords) }
    }

    /// What judges by the name of the parts on the patches of `trunk`; nil where no such head is installed. Blocks for
    /// tenths of a second, or seconds where nobody has read the name yet. Throws what is wrong with a package that is there.
    func zeroShot(on trunk: ModelPackage, _ kernels: KernelTable) throws -> InspectionPlan.ZeroShot? {
        // A head with prompts reads tokens, and says nothing of the patches that are taught.
        guard !names.isEmpty, let installed = try package("adaclip"),
            installed.manifest.architecture == ZeroShotHead.architectureName
        else { return nil }
        let head = try ZeroShotHead(of: installed), reader = try ZeroShotHead.text(of: installed)
        guard head.trunk.digest == trunk.digest.description else { return nil }
        let words = try words
        let kept = state + "/words/" + ClassColumns.fileName(words, text: reader.digest)
        if let known = ClassColumns(contentsOf: kept) {
            return .init(head: .patches(head), columns: known, trunk: trunk, model: 0)
        }
        guard let text = try package(reader.name), text.digest.description == reader.digest else {
            return nil
        }
        let read = try ClassColumns(words, SentenceEncoder(text, kernels: kernels))
        return .init(head: .patches(head), columns: read, trunk: trunk, model: 0)
    }
}
