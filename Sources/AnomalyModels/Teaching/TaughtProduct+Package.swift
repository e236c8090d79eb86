import Imaging
package import ModelPackages
import Platform
import Tensors

// TAUGHT PRODUCT (a model package of the architecture "patch-product"; its folder is called by its digest)
//
//   configuration   trunk, trunk.digest           name and manifest digest of the package of the network
//                   views                         "fixed", "mirrored" or "turned"
//                   frame.width, .height, .format size of the pictures; GREY or RGB3
//                   references, regions           how many
//                   region.N.x, .y, .width, .height, .tile, .overlap    what region N looks at, N from 0
//                   region.N.mask                 the file of its mask, where it has one
//   tensors         region.N.s8.vectors, .s16., .s32.    I8 [count, channels]: its bank, and as in a patch
//                                                 bank its positions, one for each tile, and what a fusion, a
//                                                 head and a text need
//                   scores.leave-one-out          F32 [1 or more]
//                   scores.own                    F32 [references]
//   files           references/N.png or .jpg      the pictures, as they were kept
//                   masks/N                       PNG or JPEG
//                   practice.png                  what its heads practised on, for people to look at
//
// A product is valid if and only if these are there, references are 1 to 64, regions 1 to 16 and inside the
// frame, their masks fit, vectors are as in a patch bank, and scores are 0 to 2.

extension TaughtProduct {
    /// Writes the product to the folder that is called by its digest, in `folder`, and opens it. Blocks until it
    /// is on disk. A product that is there already is opened as it is. `accuracy` is what was measured of it.
    ///
    /// `practice` is a PNG picture of the defects that its heads practised on.
    ///
    /// - Precondition: `pictures` are those that it was taught with.
    package func write(
        to folder: String, pictures: [ReferencePicture], accuracy: [String: Double] = [:],
        practice: [UInt8]? = nil
    ) throws(ModelError) -> ModelPackage {
        precondition(pictures.count == referenceCount, "\(pictures.count) pictures of \(referenceCount)")
        var writer = try package(pictures: pictures, accuracy: accuracy)
        if let practice { writer.add(Self.practicePath, practice) }
        do {
            let path = folder + "/" + (try writer.digest().description)
            if let known = try? ModelPackage(opening: path, verifyingHashes: true) { return known }
            return try writer.write(to: path, replacing: true)
        } catch { throw .package(error) }
    }

    private func package(
        pictures: [ReferencePicture], accuracy: [String: Double]
    ) throws(ModelError) -> ModelPackageWriter {
        var tensors = WeightFileWriter(metadata: ["format": "linewatch"])
        for (index, bank) in banks.enumerated() { try bank.add(to: &tensors, prefix: "region.\(index).") }
        do {
            try tensors.addFloat32("scores.leave-one-out", [leaveOneOutScores.count], leaveOneOutScores)
            try tensors.addFloat32("scores.own", [ownScores.count], ownScores)
        } catch { throw .package(.weights(error)) }
        var manifest = manifest
        manifest.accuracy = accuracy
        var writer = ModelPackageWriter(manifest, weights: tensors)
        for (index, picture) in pictures.enumerated() {
            writer.add("references/\(index).\(picture.suffix)", picture.file)
        }
        for (index, region) in regions.enumerated() {
            if let mask = region.mask { writer.add(Self.maskPath(index), mask.file) }
        }
        return writer
    }

    private var manifest: Manifest {
        var manifest = Manifest(name: name, version: "1.0.0", architecture: Self.architectureName)
        func put(_ key: String, _ number: Int) { manifest.configuration[key] = .number(Double(number)) }
        manifest.configuration = [
            "trunk": .string(trunk.name), "trunk.digest": .string(trunk.digest),
            "views": .string(views.rawValue), "frame.format": .string(format.rawValue),
        ]
        put("frame.width", frame.width)
        put("frame.height", frame.height)
        put("references", referenceCount)
        put("regions", regions.count)
        for (index, region) in regions.enumerated() {
            put("region.\(index).x", region.rect.x)
            put("region.\(index).y", region.rect.y)
            put("region.\(index).width", region.rect.width)
            put("region.\(index).height", region.rect.height)
            put("region.\(index).tile", region.tile)
            manifest.configuration["region.\(index).overlap"] = .number(region.overlap)
            if region.mask != nil {
                manifest.configuration["region.\(index).mask"] = .string(Self.maskPath(index))
            }
        }
        manifest.quantisation = .init(scheme: PatchBank.scheme, exceptions: [])
        return manifest
    }

    package static let practicePath = "practice.png"

    private static func maskPath(_ index: Int) -> String { "masks/\(index)" }
}

extension TaughtProduct {
    /// The product of a package. Blocks.
    ///
    /// Throws `unknownArchitecture` if it is none, else `configuration`, `package` or `image` with the first
    /// thing that is wrong with it. The pictures are not decoded: `pictures(of:)` does.
    package init(of package: ModelPackage) throws(ModelError) {
        guard package.manifest.architecture == Self.architectureName else {
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture,
                known: [Self.architectureName])
        }
        let values = PackageConfiguration(package)
        let trunk = PatchBank.Trunk(name: try values.text("trunk"), digest: try values.text("trunk.digest"))
        let frame = Size(
            width: try values.integer("frame.width", 1...Size.maximumSide),
            height: try values.integer("frame.height", 1...Size.maximumSide))
        guard let format = PixelFormat(rawValue: try values.text("frame.format")),
            format == .grey || format == .rgb24
        else { throw values.error("frame.format", try values.text("frame.format"), "GREY, RGB3") }
        let count = try values.integer("references", 1...Self.mostReferences)
        let views = try values.views("views")
        var regions: [TaughtRegion] = [], banks: [PatchBank] = []
        for index in 0..<(try values.integer("regions", 1...Self.mostRegions)) {
            let region = try Self.region(index, values, frame: frame)
            regions.append(region)
            let prefix = "region.\(index)."
            let vectors = try PatchBank.vectors(values, prefix: prefix)
            let starts = vectors[0].starts.count, tiles = region.tiles.count
            guard starts == 0 || starts == tiles + 1 else {
                throw values.error(
                    "\(prefix)\(vectors[0].name).starts", "\(starts) numbers",
                    "\(tiles + 1), for \(tiles) tiles")
            }
            banks.append(
                PatchBank(
                    trunk: trunk, size: region.input, references: count, views: views, vectors: vectors,
                    fusion: try PatchFusion(values, prefix: prefix),
                    head: try SegmentationHead(values, prefix: prefix, vectors: vectors),
                    text: try PatchText(values, prefix: prefix, vectors: vectors)))
        }
        self.init(
            name: package.manifest.name, trunk: trunk, frame: frame, format: format, views: views,
            regions: regions, banks: banks,
            leaveOneOutScores: try Self.scores("scores.leave-one-out", 1...1_000_000, values),
            ownScores: try Self.scores("scores.own", count...count, values))
        for index in 0..<count { _ = try Self.picturePath(index, package) }
    }

    /// The pictures that a product was taught with. Blocks. Throws `package` and `image`.
    package static func pictures(of package: ModelPackage) throws(ModelError) -> [ReferencePicture] {
        let count = try PackageConfiguration(package).integer("references", 1...mostReferences)
        return try (0..<count).map { index throws(ModelError) in
            let path = try picturePath(index, package)
            do {
                return try ReferencePicture(
                    file: try bytes(path, package), path: package.directory + "/" + path)
            } catch let error as ModelError {
                throw error
            } catch let error as ImagingError {
                throw .image(error)
            } catch {
                preconditionFailure("reading a picture threw \(error)")
            }
        }
    }

    private static func picturePath(_ index: Int, _ package: ModelPackage) throws(ModelError) -> String {
        let paths = ["png", "jpg"].map { "references/\(index).\($0)" }
        guard let path = paths.first(where: { path in package.manifest.files.contains { $0.path == path } })
        else { throw .package(.unlisted(directory: package.directory, file: paths[0])) }
        return path
    }

    private static func bytes(_ path: String, _ package: ModelPackage) throws(ModelError) -> [UInt8] {
        // The bytes are copied while the file is mapped.
        do { return try unsafe package.file(path).withUnsafeBytes { unsafe Array($0) } } catch {
            throw .package(error)
        }
    }

    private static func region(
        _ index: Int, _ values: PackageConfiguration, frame: Size
    ) throws(ModelError) -> TaughtRegion {
        let key = "region.\(index)."
        let rect = Region(
            x: try values.integer(key + "x", 0...Size.maximumSide),
            y: try values.integer(key + "y", 0...Size.maximumSide),
            width: try values.integer(key + "width", 1...Size.maximumSide),
            height: try values.integer(key + "height", 1...Size.maximumSide))
        guard rect.isContained(in: frame) else {
            throw values.error(key + "x", "\(rect)", "a region inside the frame of \(frame)")
        }
        var mask: RegionMask?
        if values.package.manifest.configuration[key + "mask"] != nil {
            let path = try values.text(key + "mask"), file = try bytes(path, values.package)
            do {
                mask = try RegionMask(file: file, path: values.package.directory + "/" + path)
            } catch { throw .image(error) }
        }
        let region = TaughtRegion(
            rect: rect, tile: try values.integer(key + "tile", 0...4096),
            overlap: try values.number(key + "overlap", 0...0.5), mask: mask)
        if let mask, mask.size != rect.size, mask.size != frame {
            throw values.error(key + "mask", "a picture of \(mask.size)", "\(rect.size), \(frame)")
        }
        return region
    }

    /// The F32 tensor `name` of `count` scores.
    private static func scores(
        _ name: String, _ count: ClosedRange<Int>, _ values: PackageConfiguration
    ) throws(ModelError) -> [Float] {
        let scores: [Float]
        do { scores = try values.package.weights.floats(name) } catch { throw .package(.weights(error)) }
        guard count ~= scores.count else {
            throw values.error(name, "\(scores.count) scores", "\(count.lowerBound) to \(count.upperBound)")
        }
        if let bad = scores.first(where: { !(0...2 ~= $0) }) { throw values.error(name, "\(bad)", "0 to 2") }
        return scores
    }
}
