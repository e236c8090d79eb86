import Inference
package import ModelPackages

// How a manifest names a network: the architecture by a word, its sizes in the configuration.
extension Network {
    /// The words for `architecture` in a manifest.
    package static let architectureNames =
        EfficientNetLite.allCases.map { "efficientnet-lite\($0.rawValue)" } + [
            "minilm", "clip-vit", "litevl",
        ]

    /// What a manifest calls the architecture.
    package var architectureName: String {
        switch architecture {
        case .efficientNetLite(let network): "efficientnet-lite\(network.rawValue)"
        case .miniLM: "minilm"
        case .clip: "clip-vit"
        case .liteVL: "litevl"
        }
    }

    /// The sizes that a manifest keeps.
    package var configuration: [String: Manifest.Value] {
        switch architecture {
        case .efficientNetLite:
            return [:]
        case .miniLM(let network):
            return numbers([
                "vocabulary": network.vocabularySize, "positions": network.positions,
                "layers": network.layers,
            ])
        case .liteVL(let network):
            return numbers([
                "trunk": network.trunk.rawValue, "width": network.width, "layers": network.layers,
                "embedding": network.embeddingWidth,
            ])
        case .clip(let network):
            var values = numbers([
                "embedding": network.embeddingWidth, "vision.width": network.vision.width,
                "vision.patch": network.vision.patch, "vision.grid": network.vision.grid,
                "vision.layers": network.vision.layers,
            ])
            values["activation"] = .string(network.activation.rawValue)
            values["vision.pre_norm"] = .bool(hasPreNorm)
            guard let text = network.text else { return values }
            return values.merging(
                numbers([
                    "text.width": text.width, "text.vocabulary": text.vocabularySize,
                    "text.context": text.contextLength, "text.layers": text.layers,
                ])
            ) { $1 }
        }
    }

    private func numbers(_ values: [String: Int]) -> [String: Manifest.Value] {
        values.mapValues { .number(Double($0)) }
    }

    /// The network of a package. Throws `notANetwork`, `unknownArchitecture` or `configuration`.
    package init(of package: ModelPackage) throws(ModelError) {
        let sizes = NetworkSizes(directory: package.directory, values: package.manifest.configuration)
        let name = package.manifest.architecture, finer = Self.finer(package.manifest)
        if let network = EfficientNetLite.allCases.first(where: { "efficientnet-lite\($0.rawValue)" == name })
        {
            self.init(.efficientNetLite(network))
        } else if name == "minilm" {
            self.init(
                .miniLM(
                    Architecture.MiniLM(
                        vocabularySize: try sizes.integer("vocabulary", 2...1_000_000),
                        positions: try sizes.integer("positions", 2...4096),
                        layers: try sizes.integer("layers", 1...64))
                ), finer: finer)
        } else if name == "litevl" {
            self.init(.liteVL(try sizes.liteVL()), finer: finer)
        } else if name == "clip-vit" {
            self.init(
                .clip(try sizes.clip()), hasPreNorm: try sizes.bool("vision.pre_norm"), finer: finer)
        } else if HeadPackage.architectureNames.contains(name) {
            throw .notANetwork(directory: package.directory, architecture: name)
        } else {
            throw .unknownArchitecture(
                directory: package.directory, found: name, known: Self.architectureNames)
        }
    }
}

extension Network {
    /// The parts of a block, as the last part of the names of its nodes: four products, and attention.
    package static let blockParts = ["qkv", "heads", "attention", "fc1", "fc2"]

    /// Of the exceptions of a manifest, the nodes of blocks: products by their weights, attention by its own name.
    private static func finer(_ manifest: Manifest) -> Set<String> {
        Set(
            (manifest.quantisation?.exceptions ?? []).map { name in
                name.hasSuffix(".weight") ? String(name.dropLast(".weight".count)) : name
            }.filter(isBlockNode))
    }

    /// What an import computes more finely unless it is told otherwise: the attention of a CLIP's vision tower. With 8 bits
    /// of the greatest probability of a row, most of hundreds of small ones are lost, and margins with them (METHODS.md
    /// 10.2).
    package var usuallyFiner: [String] {
        if case .clip = architecture { ["vision.heads"] } else { [] }
    }

    /// The nodes of blocks that `name` means: "vision.layer11.fc2" one, "vision.fc2" that of every layer.
    ///
    /// Throws `unknownNode` if there is none.
    package func blockNodes(named name: String) throws(ModelError) -> Set<String> {
        let known = try allGraphs().flatMap { $0.nodes.map(\.name) }.filter(Self.isBlockNode)
        let found = known.filter { node in
            let parts = node.split(separator: ".")
            return node == name || (parts.dropLast(2) + parts.suffix(1)).joined(separator: ".") == name
        }
        guard !found.isEmpty else { throw .unknownNode(name: name, example: known.first ?? "none") }
        return Set(found)
    }

    /// Whether `name` has the form "layer{i}.{part}", perhaps behind the name of a tower and a dot.
    package static func isBlockNode(_ name: String) -> Bool {
        let parts = name.split(separator: ".")
        guard parts.count >= 2, let part = parts.last, blockParts.contains(String(part)) else { return false }
        let layer = parts[parts.count - 2]
        return layer.hasPrefix("layer") && Int(layer.dropFirst("layer".count)) != nil
    }

    /// The sizes of the CLIP that a package holds, whatever else it holds. Throws `configuration`.
    package static func clip(of package: ModelPackage) throws(ModelError) -> Architecture.Clip {
        try NetworkSizes(directory: package.directory, values: package.manifest.configuration).clip()
    }
}

/// Reads sizes from outside within their limits.
private struct NetworkSizes {
    let directory: String
    let values: [String: Manifest.Value]

    func integer(_ key: String, _ allowed: ClosedRange<Int>, multipleOf unit: Int = 1) throws(ModelError)
        -> Int
    {
        guard let value = values[key]?.integer, allowed ~= value, value.isMultiple(of: unit) else {
            let unit = unit == 1 ? "" : ", multiples of \(unit)"
            throw error(key, "\(allowed.lowerBound) to \(allowed.upperBound)\(unit)")
        }
        return value
    }

    func bool(_ key: String) throws(ModelError) -> Bool {
        guard case .bool(let value)? = values[key] else { throw error(key, "true, false") }
        return value
    }

    func liteVL() throws(ModelError) -> Architecture.LiteVL {
        guard let trunk = EfficientNetLite(rawValue: try integer("trunk", 0...2)) else {
            throw error("trunk", "0, 1, 2")
        }
        return Architecture.LiteVL(
            trunk: trunk, width: try integer("width", 64...1024, multipleOf: 64),
            layers: try integer("layers", 0...24),
            embeddingWidth: try integer("embedding", 16...4096, multipleOf: 16))
    }

    func clip() throws(ModelError) -> Architecture.Clip {
        guard case .string(let word)? = values["activation"],
            let activation = Architecture.Activation(rawValue: word)
        else {
            throw error(
                "activation", Architecture.Activation.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let vision = Architecture.Clip.Vision(
            width: try integer("vision.width", 64...1024, multipleOf: 64),
            patch: try integer("vision.patch", 4...64),
            grid: try integer("vision.grid", 1...63), layers: try integer("vision.layers", 1...64))
        var text: Architecture.Clip.Text?
        if values["text.width"] != nil {
            text = Architecture.Clip.Text(
                width: try integer("text.width", 64...1024, multipleOf: 64),
                vocabularySize: try integer("text.vocabulary", 2...1_000_000),
                contextLength: try integer("text.context", 2...1024),
                layers: try integer("text.layers", 1...64))
        }
        return Architecture.Clip(
            vision: vision, text: text, embeddingWidth: try integer("embedding", 16...4096, multipleOf: 16),
            activation: activation)
    }

    private func error(_ key: String, _ allowed: String) -> ModelError {
        let found: String =
            switch values[key] {
            case .number(let number): "\(number)"
            case .string(let text): "'\(text.prefix(40))'"
            case .bool(let bool): "\(bool)"
            case nil: "missing"
            }
        return .configuration(directory: directory, key: key, found: found, allowed: allowed)
    }
}
