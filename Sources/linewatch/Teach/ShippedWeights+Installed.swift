internal import AnomalyModels
internal import Inspection
internal import Kernels
internal import ModelPackages

extension ShippedWeights {
    /// Those that are installed beside the trunk of `committed`, or were made on this box, and were made for `trunk`; the
    /// rest is left out. `zeroShot` is what judges by the name there. Blocks for tenths of a second. Throws what is wrong with
    /// a package that is there.
    init(
        _ committed: CommittedSet, _ zeroShot: InspectionPlan.ZeroShot?, for trunk: ModelPackage,
        _ kernels: KernelTable
    ) throws {
        self.init()
        if let installed = try committed.package("vtfusion") {
            let shared = try SharedHead(of: installed)
            head = shared.trunk.digest == trunk.digest.description ? shared : nil
        }
        if head?.block != nil, !committed.names.isEmpty, case .clip = try Network(of: trunk).architecture {
            // A tower has no margin of the zero-shot head, and a text tower of its own.
            columns = try ClassColumns(committed.words, SentenceEncoder(trunk, kernels: kernels))
            return
        }
        guard let zeroShot, case .patches(let named) = zeroShot.head else { return }
        columns = zeroShot.columns
        margin = ClassMargin(named, zeroShot.columns)
    }
}
