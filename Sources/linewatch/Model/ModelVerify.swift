import AnomalyModels
import ArgumentParser
import FoundationEssentials
import Kernels
import ModelPackages

/// `linewatch model verify`: whether a package is what it says, and computes what it should on this machine.
struct ModelVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks a model: its files, and that all kernels agree.",
        discussion: """
            Compares the SHA-256 of every file, then runs a network on the best instruction set of this machine and on \
            'scalar', whose bytes must be equal. Of a head or a taught product it reads every number, and looks \
            for the packages that it was made for. With --checkpoint it is also compared, block by block, with float32 \
            from the file that it was imported from. Exits with 0 if all is well and 7 if a check failed.
            """
    )

    @Argument(help: "The name or the path of the package.")
    var name: String

    @Option(help: "The safetensors file that the package was imported from.")
    var checkpoint: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Report: Encodable {
        let schema = "linewatch.model.verify/1"
        let name: String
        let status: Check.Status
        let checks: [Check]
        /// Every block in int8 against float32; nil without a checkpoint.
        let layers: [Layer]?
    }

    struct Layer: Encodable {
        let name: String
        let cosine: Double
        let relativeL2: Double

        enum CodingKeys: String, CodingKey {
            case name, cosine
            case relativeL2 = "relative_l2"
        }
    }

    func run() throws {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let path = try locator.find(name)
        let report = CheckReport(checks: Self.checks(path, locator))
        var layers: [Layer]?
        if let checkpoint, report.status == .pass {
            let package = try ModelPackage(opening: path, verifyingHashes: false)
            var bar = ProgressBar()
            defer { bar.finish() }
            layers = try ModelImporter.layers(of: package, checkpoint: checkpoint) {
                bar.show("comparing", $0, of: $1)
            }
            .map { Layer(name: $0.name, cosine: $0.cosine, relativeL2: $0.relativeL2) }
        }
        print(json ? try jsonText(Report(report, name: name, layers: layers)) : text(report, layers))
        guard report.status == .pass else { throw ExitCode(report.status.exitCode) }
    }

    private func text(_ report: CheckReport, _ layers: [Layer]?) -> String {
        guard let layers else { return report.text }
        let rows = layers.map { [$0.name, decimals($0.cosine, 5), decimals($0.relativeL2, 4)] }
        return report.text + "\n" + table([["int8 against float32", "cosine", "relative L2"]] + rows)
    }

    /// The checks in their order, up to the first that leaves nothing for the next.
    private static func checks(_ path: String, _ locator: ModelLocator) -> [Check] {
        let package: ModelPackage
        do {
            package = try ModelPackage(opening: path, verifyingHashes: true)
        } catch {
            return [.fail("files", "\(error)", remedy: "Copy or make the package again.")]
        }
        let bytes = package.manifest.files.reduce(0) { $0 + $1.bytes }
        let files = Check.pass(
            "files",
            "\(package.manifest.files.count) files, \(decimals(Double(bytes) / 1e6, 1)) MB, as they were made."
        )
        do {
            // Beside the head first: a path may name one outside of LINEWATCH_MODELS.
            let folder = URL(filePath: path).deletingLastPathComponent().path
            let near = ModelLocator(searchPath: nil, defaults: [folder] + locator.directories)
            if let head = try HeadPackage(of: package, near: near) {
                return [files, .pass("weights", "fit \(head.summary).")] + head.bases.map { base($0, near) }
            }
            let network = try Network(of: package)
            let comparison = try InstructionComparison(
                of: network, .package(package), .best, try InstructionSet.named("scalar"))
            return [files, .pass("weights", "fit \(network.architecture)."), check(comparison)]
        } catch {
            return [files, .fail("weights", "\(error)", remedy: "Make the package again.")]
        }
    }

    /// Whether the package that a head was made for is here.
    private static func base(_ wanted: PatchBank.Trunk, _ locator: ModelLocator) -> Check {
        let name = "base", remedy = "Install both from one release, or make the package again."
        do {
            let package = try ModelPackage(opening: try locator.find(wanted.name), verifyingHashes: false)
            let digest = package.digest.description
            return digest == wanted.digest
                ? .pass(name, "'\(wanted.name)' \(digest.prefix(12)) is here.")
                : .fail(
                    name,
                    "it was made for '\(wanted.name)' \(wanted.digest.prefix(12)), here is \(digest.prefix(12)).",
                    remedy: remedy)
        } catch {
            return .fail(name, "\(error)", remedy: remedy)
        }
    }

    private static func check(_ comparison: InstructionComparison) -> Check {
        let name = "kernels"
        guard let first = comparison.differences.first else {
            return .pass(
                name,
                "\(comparison.first) and \(comparison.second) agree in \(comparison.valueCount) values, bit by bit."
            )
        }
        return .fail(
            name,
            "\(comparison.first) and \(comparison.second) differ in '\(first.output)' from value \(first.index) on"
                + (comparison.differences.count > 1
                    ? " and in \(comparison.differences.count - 1) more outputs." : "."),
            remedy: "Set LINEWATCH_ISA=scalar and report it.")
    }
}

extension ModelVerify.Report {
    init(_ report: CheckReport, name: String, layers: [ModelVerify.Layer]?) {
        self.name = name
        status = report.status
        checks = report.checks
        self.layers = layers
    }
}
