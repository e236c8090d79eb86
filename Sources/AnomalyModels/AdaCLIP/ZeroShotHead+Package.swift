package import ModelPackages
internal import Tensors

// ZERO-SHOT HEAD (a model package of the architecture "adaclip-e")
//
//   configuration   trunk, trunk.digest      name and manifest digest of the package whose patches it reads
//                   text, text.digest        the same of the package that reads sentences
//                   hidden                   8 to 1024 in steps of 16
//                   channels.s8, .s16, .s32  1 to 1024
//                   temperature              0.01 to 0.5
//                   weight.map, weight.image 0 to 10
//                   limit, median            0 to 10
//   tensors         see `ZeroShotHead.shapes`, F32

extension ZeroShotHead {
    package static let architectureName = "adaclip-e"
    private static let tapNames = ["s8", "s16", "s32"]

    /// The head as a package called `name`, ready to be written; `text` is the package of its sentences.
    package func package(
        name: String, version: String, text: PatchBank.Trunk
    ) throws(ModelError) -> ModelPackageWriter {
        var file = WeightFileWriter(metadata: ["format": "linewatch"])
        do {
            for (name, shape) in Self.shapes(hidden: hidden, channels: channels) {
                try file.addFloat32(name, Shape(shape), self[name])
            }
        } catch { throw .package(.weights(error)) }
        var manifest = Manifest(name: name, version: version, architecture: Self.architectureName)
        manifest.configuration = [
            "trunk": .string(trunk.name), "trunk.digest": .string(trunk.digest), "text": .string(text.name),
            "text.digest": .string(text.digest), "hidden": .number(Double(hidden)),
            "temperature": .number(Double(temperature)), "weight.map": .number(Double(mapWeight)),
            "weight.image": .number(Double(imageWeight)), "limit": .number(Double(limit)),
            "median": .number(Double(median)),
        ]
        for (tap, count) in zip(Self.tapNames, channels) {
            manifest.configuration["channels.\(tap)"] = .number(Double(count))
        }
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
        let hidden = try values.integer("hidden", 16...1024, multipleOf: 16)
        let channels = try Self.tapNames.map { tap throws(ModelError) in
            try values.integer("channels.\(tap)", 1...1024)
        }
        var tensors: [String: [Float]] = [:]
        for (name, shape) in Self.shapes(hidden: hidden, channels: channels) {
            tensors[name] = try values.floats(name, shape)
        }
        self.init(
            trunk: .init(name: try values.text("trunk"), digest: try values.text("trunk.digest")),
            hidden: hidden, channels: channels, tensors: tensors,
            temperature: Float(try values.number("temperature", 0.01...0.5)),
            mapWeight: Float(try values.number("weight.map", 0...10)),
            imageWeight: Float(try values.number("weight.image", 0...10)),
            limit: Float(try values.number("limit", 0...10)),
            median: Float(try values.number("median", 0...10)))
    }

    /// The package of the sentences that the head was trained with.
    package static func text(of package: ModelPackage) throws(ModelError) -> PatchBank.Trunk {
        let values = PackageConfiguration(package)
        return .init(name: try values.text("text"), digest: try values.text("text.digest"))
    }
}
