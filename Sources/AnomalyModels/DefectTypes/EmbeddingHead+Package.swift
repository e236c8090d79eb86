package import ModelPackages
internal import Tensors

// EMBEDDING HEAD (a model package of the architecture "fine-e")
//
//   configuration   trunk, trunk.digest   name and manifest digest of the package whose patches it reads
//                   width                 1 to 128: numbers of a vector
//                   maps                  1 to 3: the last maps of the trunk
//                   contrast              0 to 1
//                   similarity            0.3 to 0.9
//   tensors         mean.0, mean.1, ...   F32 [channels], of each map, finest first
//                   offset                F32 [inputs], inputs being the channels of all maps
//                   axes                  F32 [width, inputs]

extension EmbeddingHead {
    package static let architectureName = "fine-e"

    /// The head as a package called `name`, ready to be written; `trunk` is the package of its patches.
    package func package(
        name: String, version: String, trunk: PatchBank.Trunk
    ) throws(ModelError) -> ModelPackageWriter {
        var file = WeightFileWriter(metadata: ["format": "linewatch"])
        do {
            for (map, mean) in means.enumerated() {
                try file.addFloat32("mean.\(map)", Shape([mean.count]), mean)
            }
            try file.addFloat32("offset", Shape([inputs]), offset)
            try file.addFloat32("axes", Shape([width, inputs]), axes)
        } catch { throw .package(.weights(error)) }
        var manifest = Manifest(name: name, version: version, architecture: Self.architectureName)
        manifest.configuration = [
            "trunk": .string(trunk.name), "trunk.digest": .string(trunk.digest),
            "width": .number(Double(width)), "contrast": .number(Double(contrast)),
            "similarity": .number(Double(similarity)),
            "maps": .number(Double(means.count)),
        ]
        return ModelPackageWriter(manifest, weights: file)
    }

    /// The head of a package. Throws `unknownArchitecture` if it has none, `configuration` or `package` with what
    /// is wrong with it.
    package init(of package: ModelPackage) throws(ModelError) {
        guard package.manifest.architecture == Self.architectureName else {
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture,
                known: [Self.architectureName])
        }
        let values = PackageConfiguration(package)
        let width = try values.integer("width", 1...128), maps = try values.integer("maps", 1...3)
        let means = try (0..<maps).map { map throws(ModelError) in try values.floats("mean.\(map)") }
        let inputs = means.reduce(0) { $0 + $1.count }
        let offset = try values.floats("offset", [inputs])
        let axes = try values.floats("axes", [width, inputs])
        self.init(
            width: width, contrast: Float(try values.number("contrast", 0...1)),
            similarity: Float(try values.number("similarity", 0.3...0.9)), means: means, offset: offset,
            axes: axes)
    }

    /// The package whose patches the head of `package` reads.
    package static func trunk(of package: ModelPackage) throws(ModelError) -> PatchBank.Trunk {
        let values = PackageConfiguration(package)
        return .init(name: try values.text("trunk"), digest: try values.text("trunk.digest"))
    }
}
