import Evaluation
import Events
import ModelPackages
import Training

/// What every report of `linewatch eval` begins with. Keys are only ever added; a report writes its own beside them.
struct ReportHead: Encodable {
    let schema = "linewatch.eval/1"
    /// The names of the sets, with commas between.
    let dataset: String
    /// With what of it was left out or added.
    let method: String
    let model: String
    /// The digest of the package.
    let weights: String
    /// The SHA-256 of the data sets' manifest; nil where the folders themselves say what is what.
    let manifest: String?
    let version: String
    /// Of the sources beside the program, "-dirty" if they were changed; nil for a program that was installed.
    let commit: String?
    let isa: String
    let input: String
    let keepsAspect: Bool
    let seeds: Int
    /// More than 1 if images were left out for a quick look.
    let every: Int

    init(_ command: Eval, dataSets: [String], package: ModelPackage, manifest: ImageCollection, isa: String) {
        dataset = dataSets.joined(separator: ",")
        let changes = [
            (" without ", VTFusionPart.usual.subtracting(command.parts)),
            (" with ", command.parts.subtracting(VTFusionPart.usual)),
        ].map { word, parts in
            parts.isEmpty ? "" : word + parts.map(\.rawValue).sorted().joined(separator: " and ")
        }
        let evidence = command.evidence == .usual ? "" : " by \(command.evidence.rawValue)"
        method = command.method.description + changes.joined() + evidence
        (model, weights) = (package.manifest.name, package.digest.description)
        self.manifest = manifest.digest
        (version, commit) = (ProductVersion.text, SourceCommit.ofThisProgram)
        self.isa = isa
        (input, keepsAspect) = (command.input.description, command.keepAspect)
        (seeds, every) = (command.seeds, command.every)
    }

    enum CodingKeys: String, CodingKey {
        case schema, dataset, method, model, weights, manifest, version, commit, isa, input, seeds, every
        case keepsAspect = "keep_aspect"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        for (key, value) in [
            (.schema, schema), (.dataset, dataset), (.method, method), (.model, model), (.weights, weights),
            (.manifest, manifest), (.version, version), (.commit, commit), (.isa, isa), (.input, input),
        ] as [(CodingKeys, String?)] { try container.encode(value, forKey: key) }
        try container.encode(seeds, forKey: .seeds)
        try container.encode(every, forKey: .every)
        try container.encode(keepsAspect, forKey: .keepsAspect)
    }
}
