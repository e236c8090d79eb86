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
            Compares the SHA-256 of every file, then runs the model on the best instruction set of this machine and on \
            'scalar', whose bytes must be equal. Exits with 0 if all is well and 7 if a check failed.
            """
    )

    @Argument(help: "The name or the path of the package.")
    var name: String

    @Flag(help: "Print one JSON document.")
    var json = false

    struct Report: Encodable {
        let schema = "linewatch.model.verify/1"
        let name: String
        let status: Check.Status
        let checks: [Check]
    }

    func run() throws {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let path = try locator.find(name)
        let report = CheckReport(checks: Self.checks(path))
        print(json ? try jsonText(Report(report, name: name)) : report.text)
        guard report.status == .pass else { throw ExitCode(report.status.exitCode) }
    }

    /// The checks in their order, up to the first that leaves nothing for the next.
    private static func checks(_ path: String) -> [Check] {
        let package: ModelPackage
        let network: Network
        do {
            package = try ModelPackage(opening: path, verifyingHashes: true)
            network = try Network(of: package)
        } catch {
            return [.fail("files", "\(error)", remedy: "Copy or make the package again.")]
        }
        let bytes = package.manifest.files.reduce(0) { $0 + $1.bytes }
        let files = Check.pass(
            "files",
            "\(package.manifest.files.count) files, \(decimals(Double(bytes) / 1e6, 1)) MB, as they were made."
        )
        do {
            let comparison = try InstructionComparison(
                of: network, .package(package), .best, try InstructionSet.named("scalar"))
            return [files, .pass("weights", "fit \(network.architecture)."), check(comparison)]
        } catch {
            return [files, .fail("weights", "\(error)", remedy: "Make the package again.")]
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
    init(_ report: CheckReport, name: String) {
        self.name = name
        status = report.status
        checks = report.checks
    }
}
