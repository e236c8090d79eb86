import AnomalyModels
import ArgumentParser
import Configuration
import FoundationEssentials
import ModelPackages
import Training

/// `linewatch model export`: a package as one file.
struct ModelExport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes a model as one file, to be installed on another box.")

    @Argument(help: "The package: its name, its path, or at least 6 digits of its digest.")
    var name: String

    @Option(name: .shortAndLong, help: "The file to write; one that is there is replaced.")
    var output: String

    @Flag(help: "Print one JSON document.")
    var json = false

    private struct Report: Encodable {
        let schema = "linewatch.model.export/1"
        let name: String
        let digest: String
        let path: String
        let bytes: Int
    }

    func run() throws {
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let directory = try Self.directory(name, locator)
        try PackageBundle.write(packageAt: directory, to: output)
        // Read back: what is handed out can be installed.
        let bundle = try PackageBundle(opening: output)
        let size = try FileManager.default.attributesOfItem(atPath: output)[.size] as? Int ?? 0
        let report = Report(name: bundle.manifest.name, digest: "\(bundle.digest)", path: output, bytes: size)
        print(
            json
                ? try jsonText(report)
                : "\(output): \(report.name) \(bundle.manifest.version), \(readable(bytes: size)), "
                    + "digest \(report.digest.prefix(12))")
    }
}

extension ModelExport {
    /// The folder of the package called `name`, or of the only one whose digest begins with it.
    fileprivate static func directory(_ name: String, _ locator: ModelLocator) throws -> String {
        do throws(ModelPackageError) {
            return try locator.find(name)
        } catch {
            guard name.utf8.count >= 6, name.allSatisfy(\.isHexDigit) else { throw error }
            let packages = locator.list().compactMap {
                try? ModelPackage(opening: $0.path, verifyingHashes: false)
            }
            let found = packages.filter { $0.digest.description.hasPrefix(name.lowercased()) }
            guard let first = found.first, Set(found.map(\.digest)).count == 1 else { throw error }
            return first.directory
        }
    }
}

/// `linewatch model install`: a package from another box.
struct ModelInstall: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Installs a model from the file that 'model export' wrote on another box.",
        discussion: """
            Every hash, the shapes and the signature are checked first. A signature must be by one of the keys in [model] \
            trusted_keys; with [model] require_signature there must be one. The model is not in service then: 'linewatch \
            model shadow' tries it, 'linewatch model activate' uses it.
            """)

    @Argument(help: "The file.")
    var file: String

    @Option(help: "The folder of models. (default: models in LINEWATCH_STATE_DIR or /var/lib/linewatch)")
    var output: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    private struct Report: Encodable {
        let schema = "linewatch.model.install/1"
        let name: String
        let digest: String
        let path: String
        /// Whether it was there before.
        let present: Bool
        /// The key that signed it; nil if it is not signed.
        var signer: String?

        enum CodingKeys: String, CodingKey {
            case schema, name, digest, path, signer
            case present = "already_present"
        }
    }

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        let loaded = LoadedSettings.read(nil, environment: environment)
        // A mistake in the settings must not take away the demand for signatures.
        if let error = loaded.errors.first, loaded.isThere {
            throw CommandFailure(
                "The settings have mistakes: \(error). Correct them: 'linewatch config check'.")
        }
        let model = loaded.settings.model
        let bundle = try PackageBundle(opening: file)
        let state = loaded.folders.state
        let place = "\(output ?? state + "/models")/\(Self.folderName(bundle))"
        var report = Report(
            name: bundle.manifest.name, digest: "\(bundle.digest)", path: place, present: isThere(place))
        let keys = try TrustedKeys(at: model.trustedKeys)
        func check(_ package: ModelPackage) throws {
            report.signer = try keys.signer(ofPackageAt: package.directory)
            if report.signer == nil, model.requireSignature {
                throw ModelPackageError.unsigned(directory: file)
            }
            try Self.checkShapes(package)
        }
        if report.present {
            try check(try ModelPackage(opening: place, verifyingHashes: true))
        } else {
            try bundle.install(to: place, check: check)
        }
        print(json ? try jsonText(report) : Self.text(report))
    }

    private func isThere(_ place: String) -> Bool {
        FileManager.default.fileExists(atPath: place)
    }

    /// By content, so that nothing that is in service is ever written over: a taught product by its digest, as on the
    /// box that taught it, anything else by its name too.
    private static func folderName(_ bundle: PackageBundle) -> String {
        bundle.manifest.architecture == TaughtProduct.architectureName
            ? "\(bundle.digest)" : "\(bundle.manifest.name)-\("\(bundle.digest)".prefix(12))"
    }

    /// Throws unless the package is a network, a patch bank or a taught product whose tensors fit.
    private static func checkShapes(_ package: ModelPackage) throws {
        switch package.manifest.architecture {
        case PatchBank.architectureName: _ = try PatchBank(of: package)
        case TaughtProduct.architectureName: _ = try TaughtProduct(of: package)
        case FidelityPackage.architectureName: _ = try FidelityPackage(package, side: nil)
        default: _ = try Network(of: package)
        }
    }

    private static func text(_ report: Report) -> String {
        let signature = report.signer.map { "signed by the key \($0)" } ?? "not signed"
        let name = report.path.split(separator: "/").last.map(String.init) ?? report.name
        return "\(report.path): \(report.present ? "was there already" : "installed"), \(signature). "
            + "Try it with 'linewatch model shadow \(name)'."
    }
}

extension LoadedSettings {
    /// Whether the main file is there: a box without settings has defaults, and no mistakes.
    var isThere: Bool { files.first.map { FileManager.default.fileExists(atPath: $0) } ?? false }
}
