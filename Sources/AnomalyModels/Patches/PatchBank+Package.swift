internal import Imaging
package import ModelPackages
internal import Tensors

// PATCH BANK (a model package of the architecture "patch-bank")
//
//   configuration   trunk, trunk.digest      name and manifest digest of the package that made the vectors
//                   input.width, .height     the size of the images that it was taught with
//                   references, views        how many good parts, and "fixed", "mirrored" or "turned"
//   tensors         s8.vectors, s16.vectors, s32.vectors    I8 [count, channels]; of the tower of a CLIP tap1, tap2, tap3
//   by position     s8.starts, ...                           I32 [tiles + 1]: rising from 0 to count
//   with a fusion   s8.rarities, ...                         F32 [count], 0 to 2
//                   fusion.s8.weights, ...                   those of a patch fusion
//   trained as well vtf....                                  those of a segmentation head
//   with a class name text....                               those of its text
//
// A bank is valid if and only if these are there, sides are multiples of 32 from 64 to 4096, references are 1
// to 10,000, every tensor has 1 to 1,000,000 rows of 1 to 1024 codes, no code is -128, and all taps have starts of as many
// tiles, or none has.

extension PatchBank {
    package static let architectureName = "patch-bank"
    static let scheme = "qs8-unit-rows"

    /// The bank as a package called `name`, ready to be written.
    ///
    /// Throws `package` if a name of `vectors` is there twice.
    package func package(name: String, version: String) throws(ModelError) -> ModelPackageWriter {
        var tensors = WeightFileWriter(metadata: ["format": "linewatch"])
        try add(to: &tensors, prefix: "")
        var manifest = Manifest(name: name, version: version, architecture: Self.architectureName)
        manifest.configuration = [
            "trunk": .string(trunk.name), "trunk.digest": .string(trunk.digest),
            "input.width": .number(Double(size.width)), "input.height": .number(Double(size.height)),
            "references": .number(Double(references)), "views": .string(views.rawValue),
        ]
        manifest.quantisation = .init(scheme: Self.scheme, exceptions: [])
        return ModelPackageWriter(manifest, weights: tensors)
    }

    /// Adds the vectors to a weight file, with `prefix` before their names. Throws `package` if one is there.
    func add(to tensors: inout WeightFileWriter, prefix: String) throws(ModelError) {
        do {
            for tap in vectors {
                try tensors.addInt8("\(prefix)\(tap.name).vectors", [tap.count, tap.channels], tap.codes)
                if !tap.rarities.isEmpty {
                    try tensors.addFloat32("\(prefix)\(tap.name).rarities", [tap.count], tap.rarities)
                }
                if !tap.starts.isEmpty {
                    try tensors.addInt32(
                        "\(prefix)\(tap.name).starts", [tap.starts.count], tap.starts.map(Int32.init))
                }
            }
            try fusion?.add(to: &tensors, prefix: prefix)
            try head?.add(to: &tensors, prefix: prefix)
            try text?.add(to: &tensors, prefix: prefix)
        } catch { throw .package(.weights(error)) }
    }

    /// The bank of a package. Throws `unknownArchitecture` if it is none, `configuration` or `package` with
    /// what is wrong with it.
    package init(of package: ModelPackage) throws(ModelError) {
        guard package.manifest.architecture == Self.architectureName else {
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture,
                known: [Self.architectureName])
        }
        let values = PackageConfiguration(package)
        let vectors = try Self.vectors(values, prefix: "")
        self.init(
            trunk: .init(name: try values.text("trunk"), digest: try values.text("trunk.digest")),
            size: Size(
                width: try values.integer("input.width", 64...4096, multipleOf: 32),
                height: try values.integer("input.height", 64...4096, multipleOf: 32)),
            references: try values.integer("references", 1...10_000),
            views: try values.views("views"), vectors: vectors, fusion: try PatchFusion(values, prefix: ""),
            head: try SegmentationHead(values, prefix: "", vectors: vectors),
            text: try PatchText(values, prefix: "", vectors: vectors))
    }

    /// The vectors whose names begin with `prefix`.
    static func vectors(_ values: PackageConfiguration, prefix: String) throws(ModelError) -> [Vectors] {
        let package = values.package
        var vectors: [Vectors] = []
        let isTower = package.weights.tensor("\(prefix)\(PatchTap.towerNames[0]).vectors") != nil
        for name in isTower ? PatchTap.towerNames : PatchTap.trunkNames {
            let tensor = "\(prefix)\(name).vectors"
            let codes: [Int8]
            do { codes = try package.weights.int8(tensor) } catch { throw .package(.weights(error)) }
            let extents = package.weights.tensor(tensor)?.shape.extents ?? []
            guard extents.count == 2, 1...1_000_000 ~= extents[0], 1...1024 ~= extents[1] else {
                throw values.error(tensor, "\(extents)", "[1 to 1000000, 1 to 1024]")
            }
            if let bad = codes.firstIndex(of: -128) {
                throw values.error(tensor, "-128 at \(bad)", "-127 to 127")
            }
            vectors.append(
                .init(
                    name: name, channels: extents[1], codes: codes,
                    rarities: try rarities("\(prefix)\(name).rarities", extents[0], values),
                    starts: try starts("\(prefix)\(name).starts", extents[0], values)))
        }
        if let odd = vectors.first(where: { $0.starts.count != vectors[0].starts.count }) {
            throw values.error(
                "\(prefix)\(odd.name).starts", "\(odd.starts.count) numbers",
                "\(vectors[0].starts.count), as many as of \(vectors[0].name)")
        }
        return vectors
    }

    /// The I32 tensor `name`, which rises from 0 to `count`; empty if there is none.
    private static func starts(
        _ name: String, _ count: Int, _ values: PackageConfiguration
    ) throws(ModelError) -> [Int] {
        guard values.package.weights.tensor(name) != nil else { return [] }
        let starts: [Int]
        do { starts = try values.package.weights.int32(name).map(Int.init) } catch {
            throw .package(.weights(error))
        }
        guard starts.count > 1, starts[0] == 0, starts[starts.count - 1] == count,
            zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 })
        else { throw values.error(name, "\(starts.prefix(4))...", "numbers that rise from 0 to \(count)") }
        return starts
    }

    /// The F32 tensor `name`; empty if there is none.
    private static func rarities(
        _ name: String, _ count: Int, _ values: PackageConfiguration
    ) throws(ModelError) -> [Float] {
        guard values.package.weights.tensor(name) != nil else { return [] }
        let rarities: [Float]
        do { rarities = try values.package.weights.floats(name) } catch { throw .package(.weights(error)) }
        guard rarities.count == count, rarities.allSatisfy({ 0...2 ~= $0 }) else {
            throw values.error(name, "\(rarities.count) values", "\(count) values of 0 to 2")
        }
        return rarities
    }
}
