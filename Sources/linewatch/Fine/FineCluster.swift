package import ArgumentParser
import Evaluation
import FoundationEssentials
import Imaging
import ModelPackages
import Platform
import Training

/// `linewatch fine cluster`: a folder of images, sorted by what is in them, on one page.
package struct FineCluster: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Sorts the images of a folder by kind and draws them on one page.",
        discussion: """
            Takes the defective images that MANIFEST.csv in DIR or in its parent lists, or those of the folders of MVTec \
            AD, or else every image in DIR and below. Labels are never looked at for sorting; where there are any, NMI, ARI \
            and accuracy are printed.
            """)

    @Option(help: "The folder with the images.")
    var data: String

    @Option(help: "How many kinds there are. Default: as many as fit best.")
    var types: Int?

    @Option(help: "Write one page with the images of each kind to this .html file.")
    var report: String?

    @Option(help: "Draws of training and clustering.")
    var seed = 0

    @Option(
        help: """
            What says where a mark is: generated (rarity in its image), learned (by an encoder-decoder that is trained on \
            the images, for minutes), given (masks) or none.
            """)
    var auxiliary = DefectFeatures.Auxiliary.generated

    @Option(
        help: """
            Train both branches end to end for so many epochs, on squares of the input's width, in the place of the frozen \
            trunk: for hours. Wants --types.
            """)
    var endToEnd: Int?

    @Flag(help: "With --end-to-end: both branches without attention, to see what it is worth.")
    var withoutAttention = false

    @Option(help: "Width and height of the network's input, as in 320x256, or one number for both.")
    var input = InputSizes(standard: Size(width: 256, height: 256))

    @Option(help: "The name or the path of the trunk's package.")
    var model = "efficientnet-lite0"

    @Option(help: "Instruction set. Default: LINEWATCH_ISA, or the best.")
    var isa: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    package init() {}

    package func validate() throws {
        if let types, !(1...1000 ~= types) { throw ValidationError("--types is 1 to 1000, not \(types).") }
        if let endToEnd {
            guard endToEnd > 0 else {
                throw ValidationError("--end-to-end is a number of epochs, not \(endToEnd).")
            }
            guard types != nil else {
                throw ValidationError("--end-to-end needs the number of kinds: --types.")
            }
            guard input[""].width % 32 == 0 else {
                throw ValidationError(
                    "--end-to-end needs an --input that 32 divides, not \(input[""].width).")
            }
        }
        if withoutAttention, endToEnd == nil {
            throw ValidationError("--without-attention has nothing to do without --end-to-end. Leave it out.")
        }
        if let report, !report.hasSuffix(".html") {
            throw ValidationError("'\(report)' is no name of a page. Let it end in .html.")
        }
    }

    package func run() throws {
        let sorted = try sorted()
        if let report { try writeAtomically(report, Array(sorted.page.utf8)) }
        print(json ? try jsonReport(sorted.figures) : sorted.text)
    }

    /// Looks at every image and sorts them. Blocks, for minutes where there are many.
    package func sorted() throws -> SortedImages {
        let rows = try ImageCollection.imagesToSort(in: data)
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let trunk = try ModelPackage(opening: locator.find(model), verifyingHashes: false)
        let kernels = try ModelChoice.kernels(isa)
        var method = try FineMethod(
            trunk: trunk, kernels: kernels, input: MethodInput(size: input[""], keepsAspect: false),
            auxiliary: auxiliary)
        var sorted = SortedImages(folder: rows.folder)
        var pictures = endToEnd.map { _ in EndToEndImages(side: input[""].width, kernels: kernels) }
        var bar = ProgressBar()
        for (index, row) in rows.rows.enumerated() {
            do {
                let image = try RGBImage(contentsOf: rows.folder + "/" + row.path)
                let mask = row.maskPath.map { rows.folder + "/" + $0 }
                try method.add(image, mask: mask)
                try pictures?.add(image, mask: auxiliary == .given ? mask : nil)
                try sorted.add(row, image, kernels)
            } catch let error as ImagingError {
                sorted.leftOut.append("\(error)")
            }
            bar.show("images", index + 1, of: rows.rows.count)
        }
        try method.findMarks { bar.show("marks", $0, of: $1) }
        bar.finish()
        guard let clustering = method.clustering else { throw FineClusterError.noImages(folder: data) }
        if let types, types > sorted.rows.count {
            throw FineClusterError.tooFewImages(count: sorted.rows.count, types: types)
        }
        let count = types ?? clustering.estimate(seed: seed).best
        let found: DefectClustering.Sorted
        if let epochs = endToEnd, let pictures, count > 1 {
            let weights = method.marks.isEmpty ? nil : method.marks
            found = try pictures.sorted(
                into: count, seed: seed, epochs: epochs, hasAttention: !withoutAttention, weights: weights
            ) { bar.show("epochs", $0, of: epochs) }
            bar.finish()
        } else {
            found = try clustering.sorted(into: count, seed: seed)
        }
        sorted.sort(into: found.clusters, by: found.embeddings)
        return sorted
    }
}

/// Why a folder cannot be sorted.
enum FineClusterError: Error, CustomStringConvertible {
    case noImages(folder: String)
    case tooFewImages(count: Int, types: Int)

    var description: String {
        switch self {
        case .noImages(let folder):
            "'\(folder)' has no image that can be read. Give a folder of .png or .jpg files with --data."
        case .tooFewImages(let count, let types):
            "\(count) images cannot be of \(types) types. Set --types to at most \(count), or leave it out."
        }
    }
}

extension ImageCollection {
    /// The images to sort in `folder`: the defective ones that a manifest or the folders of MVTec AD list, or else all.
    ///
    /// Throws `FineClusterError.noImages` if there is none.
    static func imagesToSort(in folder: String) throws -> (folder: String, rows: [SortedImages.Image]) {
        if let collection = try? ImageCollection(folder: folder) {
            let defective = collection.manifest.rows.filter(\.isDefective)
            if !defective.isEmpty {
                let images = defective.map {
                    SortedImages.Image(path: $0.path, label: $0.defectType, maskPath: $0.maskPath)
                }
                return (collection.folder, images)
            }
        }
        let path = URL(filePath: folder).standardizedFileURL.path
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        let images = names.filter { name in
            let lowered = name.lowercased()
            return [".png", ".jpg", ".jpeg"].contains { lowered.hasSuffix($0) }
        }
        guard !images.isEmpty else { throw FineClusterError.noImages(folder: folder) }
        let sorted = images.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return (path, sorted.map { SortedImages.Image(path: $0, label: "", maskPath: nil) })
    }
}
