import AnomalyModels
import Imaging
import Inference
import Inspection
import Kernels
import ModelPackages
import Platform

/// Good parts and what an inspection looks at of them, ready to be learned.
struct Lesson {
    let committed: CommittedSet
    let pictures: [ReferencePicture]
    private let marked: [SelfCheck.MarkedDefect]
    private let regions: [TaughtRegion]
    private let trunk: ModelPackage
    private let kernels: KernelTable
    private let views: ReferenceViews
    private let positions: TilePositions
    private let isActivated: Bool
    /// The operator takes a product that overlooks painted defects.
    private let takesAny: Bool
    /// Seconds for the full stage; nil leaves it out.
    private let budget: Int?
    private let shipped: ShippedWeights
    /// What speaks against parts that are learned all the same.
    private let objections: [PartReview.Objection]
    private let strangers: (Int, Int)?
    private let pool = TensorPool()

    /// Reads the pictures in the folder `images`, at most `limit` of them, and looks whether they can be good parts. Throws
    /// what is wrong with one of them, a mask or the trunk.
    init(
        _ committed: CommittedSet, images: String, limit: Int? = nil, _ options: TeachOptions, json: Bool
    ) throws {
        self.committed = committed
        let files = try ImageFolder.images(in: images)
        guard limit ?? 0 <= files.count else {
            throw CommandFailure(
                "'\(images)' holds \(files.count) images where \(limit ?? 0) good parts are asked for. Say --good \(files.count)."
            )
        }
        let good = try files.prefix(limit ?? files.count).map { try ReferencePicture(contentsOf: $0) }
        let corrections = options.corrections ? try Corrections(committed) : Corrections()
        pictures = good + corrections.absorbed
        guard pictures.count <= 64 else {
            throw CommandFailure(
                "\(pictures.count) good parts are too many, 64 are the most. Say a smaller --good, or remove pictures "
                    + "from '\(Corrections.folder(committed, "proposed"))'.")
        }
        marked = corrections.missed
        regions = try committed.looks.map { look in
            TaughtRegion(
                rect: look.rect, tile: look.tile, overlap: look.overlap,
                mask: look.mask.isEmpty ? nil : try RegionMask(contentsOf: look.mask))
        }
        trunk = try ModelPackage(opening: committed.trunk, verifyingHashes: false)
        kernels = try ModelChoice.kernels(options.isa)
        let isSquare = regions.allSatisfy { $0.input.width == $0.input.height }
        let standard: ReferenceViews = committed.isOriented ? .fixed : isSquare ? .turned : .mirrored
        views = options.views.flatMap { ReferenceViews(rawValue: $0.rawValue) } ?? standard
        positions = options.positions
        guard positions != .always || views == .fixed && regions.contains(where: { $0.tiles.count > 1 })
        else {
            throw CommandFailure(
                "--positions always is for parts that always lie the same way, in tiles: say 'oriented = true' of "
                    + "'\(committed.inspect)' and 'tile' of its region in the settings, then reload.")
        }
        isActivated = !options.keepActive
        takesAny = options.yes
        budget = options.isFull ? 60 * options.budget : nil
        let zeroShot = try committed.zeroShot(on: trunk, kernels)
        shipped =
            options.plain ? ShippedWeights() : try ShippedWeights(committed, zeroShot, for: trunk, kernels)
        try TaughtProduct.requireAlike(pictures)
        // Of what operators let through they have seen the map.
        let review = try PartReview(
            of: good, regions: regions, trunk: trunk, zeroShot: zeroShot, kernels: kernels, pool: pool)
        try review.settle(by: .init(force: options.yes, json: json))
        (objections, strangers) = (review.objections, review.strangers)
    }

    /// Learns, checks, writes and activates, and says so. Throws `CommandFailure` if the check is not passed: then
    /// nothing was written and the inspection goes on as before.
    func run(_ daemon: TeachConnection, json: Bool) throws {
        ProcessorShare.low.take()
        let stage = budget.map {
            FullStage(
                name: committed.inspect, regionCount: regions.count, budget: $0, shipped: shipped,
                kernels: kernels)
        }
        let (product, check) = try learned(stage)
        let mayPass = takesAny && check.rejectedParts.isEmpty
        guard check.grade != .failed || mayPass else {
            let question = strangers.map {
                " Parts \($0.0) and \($0.1) hardly resemble each other: are they of one product?"
            }
            let advice = check.rejectedParts.isEmpty ? " With --force it is used all the same." : ""
            throw CommandFailure(
                "The self-check of '\(committed.inspect)' failed, and nothing was changed: "
                    + check.description + (question ?? "") + advice)
        }
        let package = try written(product, check, practice: stage?.sheet)
        var report = TeachReport(
            committed, product, check, stage, objections, digest: package.digest.description,
            path: package.directory)
        if isActivated { try report.activate(daemon) }
        print(json ? try jsonText(report) : report.text)
    }

    /// The product and its self-check. Blocks for seconds.
    func learned(_ stage: FullStage?) throws -> (TaughtProduct, SelfCheck) {
        var bar = ProgressBar()
        let product = try TaughtProduct.teach(
            name: Self.packageName(committed.inspect), pictures: pictures, regions: regions, trunk: trunk,
            fusion: .standard, shipped: shipped, views: views, positions: regions.map { _ in positions },
            kernels: kernels, pool: pool,
            missed: marked.map { MissedDefect(picture: $0.picture, box: $0.box) }, training: stage?.head
        ) { bar.show("learning", $0, of: $1) }
        let check = try SelfCheck(
            product, pictures: pictures, marked: marked, trunk: trunk, kernels: kernels, pool: pool
        ) { bar.show("checking", $0, of: $1) }
        bar.finish()
        return (product, check)
    }

    /// Writes the product to the daemon's models and reads it back. Throws if it is another then.
    private func written(
        _ product: TaughtProduct, _ check: SelfCheck, practice: [UInt8]?
    ) throws -> ModelPackage {
        var accuracy = check.accuracy
        if !objections.isEmpty { accuracy[PartReview.manifestKey] = Double(objections.count) }
        let package = try product.write(
            to: committed.state + "/models", pictures: pictures, accuracy: accuracy, practice: practice)
        let again = try ModelPackage(opening: package.directory, verifyingHashes: true)
        guard try TaughtProduct(of: again) == product else {
            throw CommandFailure(
                "'\(package.directory)' is not what was written to it. Check the disk: see 'linewatch doctor'."
            )
        }
        return again
    }

    /// The name of an inspection as a package may have it: small letters, digits, '.', '_' and '-'.
    package static func packageName(_ inspection: String) -> String {
        let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789._-")
        let name = String(inspection.lowercased().map { allowed.contains($0) ? $0 : "-" }.prefix(64))
        let begins = name.first.map { $0.isLetter || $0.isNumber } ?? false
        return begins ? name : String("p" + name.prefix(63))
    }
}
