package import ModelPackages
internal import Tensors

// PROMPTED HEAD (a model package of the architecture "adaclip-e-prompted")
//
//   configuration   tower, tower.digest      name and manifest digest of the package whose tokens it reads
//                   text, text.digest        the same of the package that reads sentences; a CLIP's own is the tower
//                   prompts                  "none", "static", "dynamic"
//                   tower.width              64 to 1024 in steps of 64
//                   tower.embedding          16 to 4096 in steps of 16
//                   fusion                   "off", "mean", "clusters"
//                   rarity                   true, false
//                   temperature              0.01 to 0.5
//                   weight.peak              -10 to 10
//                   weight.map, weight.image 0 to 10
//                   limit, median            0 to 10
//   tensors         see `PromptedHead.shapes`, F32

extension PromptedHead {
    package static let architectureName = "adaclip-e-prompted"

    /// The head as a package called `name`, ready to be written; `text` is the package of its sentences.
    package func package(
        name: String, version: String, text: PatchBank.Trunk
    ) throws(ModelError) -> ModelPackageWriter {
        var file = WeightFileWriter(metadata: ["format": "linewatch"])
        do {
            for (name, shape) in Self.shapes(layout) { try file.addFloat32(name, Shape(shape), self[name]) }
        } catch { throw .package(.weights(error)) }
        var manifest = Manifest(name: name, version: version, architecture: Self.architectureName)
        manifest.configuration = [
            "tower": .string(tower.name), "tower.digest": .string(tower.digest), "text": .string(text.name),
            "text.digest": .string(text.digest), "prompts": .string(layout.kind.rawValue),
            "tower.width": .number(Double(layout.width)),
            "tower.embedding": .number(Double(layout.embeddingWidth)), "fusion": .string(fusion.rawValue),
            "rarity": .bool(usesRarity), "temperature": .number(Double(temperature)),
            "weight.peak": .number(Double(peakWeight)), "weight.map": .number(Double(mapWeight)),
            "weight.image": .number(Double(imageWeight)), "limit": .number(Double(limit)),
            "median": .number(Double(median)),
        ]
        return ModelPackageWriter(manifest, weights: file)
    }

    /// The head of a package for the tower in another.
    ///
    /// Throws `unknownArchitecture` if it has no such head, `otherTower` if it was trained in another tower,
    /// `configuration` or `package` with what is wrong with it.
    package init(of package: ModelPackage, tower: ModelPackage) throws(ModelError) {
        let wanted = try Self.tower(of: package), values = PackageConfiguration(package)
        guard tower.digest.description == wanted.digest else {
            throw .otherTower(
                directory: tower.directory, digest: tower.digest.description, wanted: wanted)
        }
        let kind: PromptLayout.Kind = try values.choice("prompts")
        guard let layout = PromptLayout(try Network(of: tower), kind: kind) else {
            throw .unknownArchitecture(
                directory: tower.directory, found: tower.manifest.architecture, known: ["clip-vit", "litevl"])
        }
        for (key, found) in [("tower.width", layout.width), ("tower.embedding", layout.embeddingWidth)]
        where try values.integer(key, 16...4096) != found {
            throw values.error(key, "another", "\(found), as the tower has")
        }
        var tensors: [String: [Float]] = [:]
        for (name, shape) in Self.shapes(layout) { tensors[name] = try values.floats(name, shape) }
        self.init(
            tower: wanted, layout: layout, tensors: tensors,
            temperature: Float(try values.number("temperature", 0.01...0.5)),
            peakWeight: Float(try values.number("weight.peak", -10...10)),
            choices: Choices(
                fusion: try values.choice("fusion"), usesRarity: try values.flag("rarity"),
                mapWeight: Float(try values.number("weight.map", 0...10)),
                imageWeight: Float(try values.number("weight.image", 0...10)),
                limit: Float(try values.number("limit", 0...10)),
                median: Float(try values.number("median", 0...10))))
    }

    /// The tower that the head of `package` was trained in. Throws `unknownArchitecture` if it has no such head.
    package static func tower(of package: ModelPackage) throws(ModelError) -> PatchBank.Trunk {
        guard package.manifest.architecture == architectureName else {
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture, known: [architectureName])
        }
        let values = PackageConfiguration(package)
        return .init(name: try values.text("tower"), digest: try values.text("tower.digest"))
    }
}

extension PackageConfiguration {
    /// One of the words of `Choice`.
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws(ModelError) -> Choice
    where Choice.RawValue == String {
        let word = try text(key)
        guard let choice = Choice(rawValue: word) else {
            throw error(key, "'\(word.prefix(40))'", Choice.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    func flag(_ key: String) throws(ModelError) -> Bool {
        guard case .bool(let value)? = package.manifest.configuration[key] else {
            throw error(key, "missing or no truth value", "true, false")
        }
        return value
    }
}
