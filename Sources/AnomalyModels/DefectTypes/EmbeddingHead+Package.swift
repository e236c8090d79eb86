package import ModelPackages
internal import Tensors

// EMBEDDING HEAD (a model package of the architecture "fine-e")
//
//   configuration   trunk, trunk.digest       name and manifest digest of the package whose patches it reads
//                   width, hidden             1 to 128 numbers of a vector, 1 to 1024 of the hidden layer
//                   maps                      1 to 3: the last maps of the trunk
//                   similarity                0.3 to 0.9
//   tensors         mean.0, mean.1, ...       F32 [channels], of each map, finest first
//                   in.weight, in.bias        F32 [hidden, inputs], [hidden]; inputs: the channels of all maps and 2
//                   out.weight, skip, bias    F32 [width, hidden], [width, inputs], [width]

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
            try file.addFloat32("in.weight", Shape([hidden, inputs]), layers.inWeight)
            try file.addFloat32("in.bias", Shape([hidden]), layers.inBias)
            try file.addFloat32("out.weight", Shape([width, hidden]), layers.outWeight)
            try file.addFloat32("skip", Shape([width, inputs]), layers.skip)
            try file.addFloat32("bias", Shape([width]), layers.bias)
        } catch { throw .package(.weights(error)) }
        var manifest = Manifest(name: name, version: version, architecture: Self.architectureName)
        manifest.configuration = [
            "trunk": .string(trunk.name), "trunk.digest": .string(trunk.digest),
            "width": .number(Double(width)), "hidden": .number(Double(hidden)),
            "similarity": .number(Double(similarity)), "maps": .number(Double(means.count)),
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
        let width = try values.integer("width", 1...128), hidden = try values.integer("hidden", 1...1024)
        let maps = try values.integer("maps", 1...3)
        let means = try (0..<maps).map { map throws(ModelError) in try values.floats("mean.\(map)") }
        let inputs = Self.inputs(of: means)
        self.init(
            width: width, similarity: Float(try values.number("similarity", 0.3...0.9)), means: means,
            layers: Layers(
                inWeight: try values.floats("in.weight", [hidden, inputs]),
                inBias: try values.floats("in.bias", [hidden]),
                outWeight: try values.floats("out.weight", [width, hidden]),
                skip: try values.floats("skip", [width, inputs]), bias: try values.floats("bias", [width])))
    }

    /// The package whose patches the head of `package` reads.
    package static func trunk(of package: ModelPackage) throws(ModelError) -> PatchBank.Trunk {
        let values = PackageConfiguration(package)
        return .init(name: try values.text("trunk"), digest: try values.text("trunk.digest"))
    }
}
