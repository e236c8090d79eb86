package import ModelPackages
internal import Tensors

// SHARED HEAD (a model package of the architecture "vtfusion-e")
//
//   configuration   trunk, trunk.digest      name and manifest digest of the package whose patches it reads
//                   channels.s8, .s16        1 to 1024
//                   strength                 0 to 10
//   tensors         see `SharedHead.shapes`, F32; with block.said among them those of a fusion block, with
//                   block.gate.weight one with a gate; adapted patches have as many numbers as
//                   adapter.s8.skip.bias, 16 to 256 in steps of 16
//
// A head is valid if and only if these are there, every number is finite and every deviation above 0.

extension SharedHead {
    package static let architectureName = "vtfusion-e"

    /// The head as a package called `name`, ready to be written.
    package func package(name: String, version: String) throws(ModelError) -> ModelPackageWriter {
        var file = WeightFileWriter(metadata: ["format": "linewatch"])
        do {
            for (name, shape) in Self.shapes(
                channels: channels, width: width, block: block, sentence: object?.normal.count ?? 0)
            {
                try file.addFloat32(name, Shape(shape), tensors[name] ?? [])
            }
        } catch { throw .package(.weights(error)) }
        var manifest = Manifest(name: name, version: version, architecture: Self.architectureName)
        manifest.configuration = [
            "trunk": .string(trunk.name), "trunk.digest": .string(trunk.digest),
            "strength": .number(Double(strength)),
        ]
        for (tap, count) in zip(SegmentationHead.adaptedTaps, channels) {
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
        let channels = try SegmentationHead.adaptedTaps.map { tap throws(ModelError) in
            try values.integer("channels.\(tap)", 1...1024)
        }
        var tensors: [String: [Float]] = [:]
        let block = FusionBlock.kind { package.weights.tensor($0) != nil }
        let sentence = package.weights.tensor("text.object")?.shape.extents.last ?? 0
        guard block == nil || 1...4096 ~= sentence else {
            throw values.error("text.object", "\(sentence) numbers", "1 to 4096")
        }
        let width = try SegmentationHead.width(values, prefix: "")
        for (name, shape) in Self.shapes(
            channels: channels, width: width, block: block, sentence: sentence)
        {
            tensors[name] = try values.floats(name, shape)
        }
        if let bad = tensors["evidence.deviation"]?.first(where: { $0 <= 0 }) {
            throw values.error("evidence.deviation", "\(bad)", "numbers above 0")
        }
        self.init(
            trunk: .init(name: try values.text("trunk"), digest: try values.text("trunk.digest")),
            channels: channels, tensors: tensors, strength: Float(try values.number("strength", 0...10)))
    }
}
