internal import AnomalyModels
internal import Kernels
internal import ModelPackages

extension ShippedWeights {
    /// Those that are installed beside the trunk of `committed`, or were made on this box, and were made for `trunk`; the
    /// rest is left out. Blocks for tenths of a second, or seconds where nobody has read the class name yet. Throws what is
    /// wrong with a package that is there.
    init(_ committed: CommittedSet, for trunk: ModelPackage, _ kernels: KernelTable) throws {
        self.init()
        let beside = committed.trunk.split(separator: "/").dropLast().joined(separator: "/")
        let locator = ModelLocator(
            searchPath: committed.state + "/models:/" + beside, defaults: [])
        let digest = trunk.digest.description
        func package(_ name: String) throws -> ModelPackage? {
            guard let directory = try? locator.find(name) else { return nil }
            return try ModelPackage(opening: directory, verifyingHashes: true)
        }
        if let installed = try package("vtfusion") {
            let shared = try SharedHead(of: installed)
            head = shared.trunk.digest == digest ? shared : nil
        }
        if head?.block != nil, !committed.names.isEmpty, case .clip = try Network(of: trunk).architecture {
            // A tower has no margin of the zero-shot head, and a text tower of its own.
            let words = try ClassWords(
                names: committed.names, good: committed.goodWords, bad: committed.badWords)
            columns = try ClassColumns(words, SentenceEncoder(trunk, kernels: kernels))
            return
        }
        // A head with prompts reads tokens, and says nothing of the patches that are taught.
        guard !committed.names.isEmpty, let installed = try package("adaclip"),
            installed.manifest.architecture == ZeroShotHead.architectureName
        else { return }
        let zeroShot = try ZeroShotHead(of: installed), reader = try ZeroShotHead.text(of: installed)
        guard zeroShot.trunk.digest == digest else { return }
        let words = try ClassWords(
            names: committed.names, good: committed.goodWords, bad: committed.badWords)
        let kept = committed.state + "/words/" + ClassColumns.fileName(words, text: reader.digest)
        if let known = ClassColumns(contentsOf: kept) {
            columns = known
        } else if let text = try package(reader.name), text.digest.description == reader.digest {
            columns = try ClassColumns(words, SentenceEncoder(text, kernels: kernels))
        }
        margin = columns.map { ClassMargin(zeroShot, $0) }
    }
}
