package import AnomalyModels
package import Configuration
import EventStorage
package import Imaging
package import Inference
package import Inspection
package import Kernels
package import ModelPackages
import Platform

/// Loads what inspections judge with, and compiles it for the frames of a camera. Blocks for tenths of a second; for
/// the control plane.
package struct InspectorBuilding: Sendable {
    package let shelf: ProductShelf
    package let locator: ModelLocator
    package let kernels: KernelTable
    package let pool: TensorPool
    /// What describes defects; nil: kinds of defects are not told apart.
    package let kinds: DefectKindHead?

    package init(
        shelf: ProductShelf, locator: ModelLocator, kernels: KernelTable, pool: TensorPool,
        kinds: DefectKindHead? = nil
    ) {
        (self.shelf, self.locator, self.kernels, self.pool) = (shelf, locator, kernels, pool)
        self.kinds = kinds
    }

    /// The product in `directory`, every hash checked, with its trunk.
    ///
    /// Throws `ModelError`, `ModelPackageError`, or `BuildingError` where the trunk is another one.
    package func product(in directory: String) throws -> ActiveInspection.Product {
        let package = try ModelPackage(opening: directory, verifyingHashes: true)
        let taught = try TaughtProduct(of: package)
        let trunk = try ModelPackage(opening: try locator.find(taught.trunk.name), verifyingHashes: true)
        guard trunk.digest.description == taught.trunk.digest else {
            throw BuildingError.otherTrunk(product: directory, trunk: trunk.directory)
        }
        return ActiveInspection.Product(taught: taught, package: package, trunk: trunk)
    }

    /// What judges an inspection from its words alone.
    package enum Words: Sendable {
        /// Its settings want a taught head, or no zero-shot head is installed.
        case none
        /// Nobody has read the words yet: that takes a second or more.
        case unread
        case read(ActiveInspection.ZeroShot)
    }

    /// What judges `inspection` from its words alone: those that an operator set, else those of the settings. Blocks
    /// for tenths of a second, or seconds where the words have not been read yet.
    ///
    /// - Parameters:
    ///   - other: words in the place of those.
    ///   - reading: words that nobody has read are read, not `unread`.
    ///
    /// Throws `ModelError` or `ModelPackageError` if what is installed cannot be used, or a word.
    package func zeroShot(
        of settings: InspectionSettings, with other: ClassWords? = nil, reading: Bool
    ) throws -> Words {
        guard [.auto, .zeroshot].contains(settings.head),
            let directory = try? locator.find(Self.zeroShotPackage)
        else { return .none }
        let words = try other ?? words(of: settings)
        let package = try ModelPackage(opening: directory, verifyingHashes: true)
        let tower = try ClassHead.tower(of: package)
        let trunk = try ModelPackage(opening: try locator.find(tower.name), verifyingHashes: true)
        let head = try ClassHead(of: package, tower: trunk)
        let wanted = try ZeroShotHead.text(of: package)
        let text = try locator.find(wanted.name)
        let path = shelf.folder + "/words/" + ClassColumns.fileName(words, text: wanted.digest)
        guard
            let columns = try ClassColumns(contentsOf: path, width: head.columnWidth)
                ?? (reading ? read(words, text, wanted) : nil)
        else { return .unread }
        return .read(
            ActiveInspection.ZeroShot(
                head: head, words: words, columns: columns, package: package, trunk: trunk))
    }

    /// What the parts of an inspection are called: as an operator set it, else as the settings have it.
    func words(of settings: InspectionSettings) throws(ModelError) -> ClassWords {
        if let words = try shelf.words(of: settings.name) { return words }
        return try ClassWords(
            names: settings.className, good: settings.goodWords, bad: settings.badWords)
    }

    private static let zeroShotPackage = "adaclip"

    /// Reads `words` with the text network in `directory`, and keeps what came of it in the state folder.
    private func read(
        _ words: ClassWords, _ directory: String, _ wanted: PatchBank.Trunk
    ) throws -> ClassColumns {
        let text = try ModelPackage(opening: directory, verifyingHashes: true)
        guard text.digest.description == wanted.digest else {
            throw ModelError.otherTower(
                directory: text.directory, digest: text.digest.description, wanted: wanted)
        }
        let columns = try ClassColumns(words, SentenceEncoder(text, kernels: kernels))
        // Without the file the next start takes a little longer; nothing else.
        try? createFolder(shelf.folder + "/words")
        try? columns.write(
            to: shelf.folder + "/words/" + ClassColumns.fileName(words, text: wanted.digest))
        Memory.releaseFreed()
        return columns
    }

    /// The regions that `inspection` looks at in the frames of `camera`; the whole frame if it names none.
    package func regions(
        of inspection: InspectionSettings, in camera: CameraSettings
    ) throws -> [TaughtRegion] {
        let whole = Region(all: camera.frameSize)
        guard !inspection.roi.isEmpty else {
            return [TaughtRegion(rect: whole, tile: 0, overlap: 0.125, mask: nil)]
        }
        return try inspection.roi.compactMap { name in camera.roi.first { $0.name == name } }.map { region in
            TaughtRegion(
                rect: region.rect, tile: region.tile, overlap: region.tileOverlap,
                mask: region.mask.isEmpty ? nil : try RegionMask(contentsOf: region.mask))
        }
    }

    /// Compiles `inspections` for the frames of `camera`, runs it once, and says how long that took.
    ///
    /// An inspection that could not be loaded is INVALID in every frame, and the others do their work.
    package func inspector(
        _ inspections: [(position: Int, inspection: ActiveInspection)], camera: CameraSettings,
        format: PixelFormat
    ) throws -> (inspector: FrameInspector, nanoseconds: Int) {
        let plans = try inspections.map { position, inspection in
            let regions = try regions(of: inspection.settings, in: camera)
            let taught = try inspection.product.map { product in
                guard product.taught.banks.count == regions.count else {
                    throw BuildingError.otherRegions(
                        inspection: inspection.settings.name, taught: product.taught.banks.count,
                        configured: regions.count)
                }
                return InspectionPlan.Taught(
                    banks: product.taught.banks, trunk: product.trunk, model: product.model)
            }
            var plan = InspectionPlan(
                index: UInt8(clamping: position), name: inspection.settings.name, regions: regions,
                taught: taught)
            plan.zeroShot = inspection.zeroShot.map {
                InspectionPlan.ZeroShot(
                    head: $0.head, columns: $0.columns, trunk: $0.trunk, model: $0.model)
            }
            if inspection.settings.cluster, let trunk = plan.taught?.trunk ?? plan.zeroShot?.trunk {
                plan.kinds = kinds?.kinds(of: inspection.settings.name, trunk: trunk)
            }
            plan.isBroken = inspection.failure != nil
            return plan
        }
        let inspector = try FrameInspector(
            plans, rules: inspections.map(\.inspection.rule), format: format, size: camera.frameSize,
            kernels: kernels, pool: pool,
            quality: QualityLimits(
                minimumMean: camera.minMean, maximumMean: camera.maxMean,
                minimumSharpness: camera.minSharpness))
        Memory.releaseFreed()
        return (inspector, try warmUp(inspector, format: format, size: camera.frameSize))
    }

    /// Nanoseconds of the better of two looks at an empty frame.
    private func warmUp(_ inspector: FrameInspector, format: PixelFormat, size: Size) throws -> Int {
        let bytesPerRow = format.minimumBytesPerRow(width: size.width)
        let frame = try Memory(byteCount: format.byteCount(height: size.height, bytesPerRow: bytesPerRow))
        // The memory lives until the last use of the view.
        return try withExtendedLifetime(frame) {
            let view = try unsafe ImageView(
                unsafeBytes: UnsafeRawBufferPointer(start: frame.base, count: frame.byteCount),
                format: format,
                size: size, bytesPerRow: bytesPerRow)
            return (0..<2).map { _ in inspector.timeOneLook(at: view) }.min() ?? 0
        }
    }
}

/// Why something that was taught cannot be used.
package enum BuildingError: Error, CustomStringConvertible {
    case otherTrunk(product: String, trunk: String)
    case otherRegions(inspection: String, taught: Int, configured: Int)

    package var description: String {
        switch self {
        case .otherTrunk(let product, let trunk):
            "'\(product)' was taught with another trunk than '\(trunk)'. Teach again, or install that trunk."
        case .otherRegions(let inspection, let taught, let configured):
            "Inspection '\(inspection)' was taught with \(taught) regions and now has \(configured). Teach again."
        }
    }
}
