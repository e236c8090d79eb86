package import Imaging
package import Inference
package import Kernels
package import ModelPackages

/// What judges from the words of a class alone: either form of AdaCLIP-E.
package enum ClassHead: Sendable, Hashable {
    /// On the patches of a trunk.
    case patches(ZeroShotHead)
    /// On the tokens of a tower, with prompts among them.
    case prompted(PromptedHead)

    /// The network that `package`, of either architecture, was made for. Throws what reading its configuration throws.
    package static func tower(of package: ModelPackage) throws(ModelError) -> PatchBank.Trunk {
        package.manifest.architecture == PromptedHead.architectureName
            ? try PromptedHead.tower(of: package) : try ZeroShotHead(of: package).trunk
    }

    /// The head in `package` for the network in `tower`.
    ///
    /// Throws `otherTower` if it was made for another one, and what reading the package throws.
    package init(of package: ModelPackage, tower: ModelPackage) throws(ModelError) {
        if package.manifest.architecture == PromptedHead.architectureName {
            self = .prompted(try PromptedHead(of: package, tower: tower))
            return
        }
        let head = try ZeroShotHead(of: package)
        guard tower.digest.description == head.trunk.digest else {
            throw .otherTower(
                directory: tower.directory, digest: tower.digest.description, wanted: head.trunk)
        }
        self = .patches(head)
    }

    /// The score that splits NG from UNSURE as long as no good part is known.
    package var limit: Float {
        switch self {
        case .patches(let head): head.limit
        case .prompted(let head): head.limit
        }
    }

    /// The usual score of a good part.
    package var median: Float {
        switch self {
        case .patches(let head): head.median
        case .prompted(let head): head.median
        }
    }

    /// Numbers of the sentences that it reads.
    package var columnWidth: Int {
        switch self {
        case .patches: ZeroShotHead.width
        case .prompted(let head): head.layout.embeddingWidth
        }
    }

    /// The detector of a class, for images of `size`, on the network in `tower`. Blocks. Throws what the detectors throw.
    package func detector(
        _ columns: ClassColumns, tower: ModelPackage, size: Size, kernels: KernelTable, pool: TensorPool
    ) throws(ModelError) -> any MapDetector {
        switch self {
        case .patches(let head):
            try ZeroShotDetector(head, columns, trunk: tower, size: size, kernels: kernels, pool: pool)
        case .prompted(let head):
            try PromptedDetector(head, columns, tower: tower, size: size, kernels: kernels, pool: pool)
        }
    }
}
