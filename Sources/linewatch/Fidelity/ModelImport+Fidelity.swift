import AnomalyModels
import FoundationEssentials
import ModelPackages
import Training

/// `linewatch model import --adaclip`: a CLIP and its AdaCLIP heads become one package in float32.
extension ModelImport {
    private struct FidelityReport: Encodable {
        let schema = "linewatch.model.import/1"
        let name: String
        let path: String
        let architecture: String
        let bytes: Int
        let sha256: String
        let tower: String
        let headsWereBound: Bool
        let headParameters: Int
    }

    func importFidelity(heads: String, _ vocabulary: String) throws {
        var request = FidelityPackage.Request(
            name: name ?? FidelityPackage.architectureName,
            vocabulary: (vocabulary, try bytes(of: vocabulary)))
        request.activation = activation
        request.origin = origin
        request.licence = licence
        request.replaces = replace
        let locator = ModelLocator.standard(environment: ProcessInfo.processInfo.environment)
        let folder = (output ?? locator.directories.first ?? ".") + "/" + request.name
        let report = try FidelityPackage.write(checkpoint: file, heads: heads, request, to: folder)

        let manifest = report.package.manifest
        let size = manifest.files.reduce(0) { $0 + $1.bytes }
        if json {
            print(
                try jsonText(
                    FidelityReport(
                        name: manifest.name, path: report.package.directory,
                        architecture: manifest.architecture,
                        bytes: size, sha256: report.package.digest.description, tower: report.tower,
                        headsWereBound: report.wasBound, headParameters: report.headCount)))
            return
        }
        let vision = report.network.vision
        print(
            "\(manifest.name) \(manifest.version), AdaCLIP with \(report.headCount) trained numbers on a CLIP of "
                + "\(vision.layers) blocks of \(vision.width), \(decimals(Double(size) / 1e6, 1)) MB, in "
                + report.package.directory)
        if !report.wasBound {
            print(
                "The heads do not say which tower they were trained on: this is taken on trust. From now on they are "
                    + "bound to \(report.tower.prefix(12)).")
        }
    }
}
