internal import ModelPackages
internal import Tensors

// SEGMENTATION HEAD, part of a patch bank that was trained for its product
//
//   tensors    vtf.NAME     F32, see `SegmentationHead.shapes`
//              vtf.weighing    F32 [2]: weight and centre
//
// Adapted patches have as many numbers as vtf.adapter.s8.skip.bias, 16 to 256 in steps of 16.
// With vtf.block.said it has a fusion block, with vtf.block.gate.weight one with a gate, and those of `FusionBlock.shapes`
// are there too. A head is valid if and only if these are there and every number is finite.

extension SegmentationHead {
    /// Adds it to a weight file, with `prefix` before the names.
    func add(to tensors: inout WeightFileWriter, prefix: String) throws(WeightFileError) {
        for (name, shape) in Self.shapes(channels: channels, width: width, block: block) {
            try tensors.addFloat32("\(prefix)vtf.\(name)", Shape(shape), self[name])
        }
        try tensors.addFloat32("\(prefix)vtf.weighing", [2], [weight, centre])
    }

    /// The head whose names begin with `prefix`, for patches of `vectors`; nil if there is none.
    init?(
        _ values: PackageConfiguration, prefix: String, vectors: [PatchBank.Vectors]
    ) throws(ModelError) {
        let key = "\(prefix)vtf."
        guard values.package.weights.tensor(key + "weighing") != nil else { return nil }
        let channels = vectors.prefix(Self.adaptedTaps.count).map(\.channels)
        let block = FusionBlock.kind { values.package.weights.tensor(key + $0) != nil }
        let width = try Self.width(values, prefix: key)
        var tensors: [String: [Float]] = [:]
        for (name, shape) in Self.shapes(channels: channels, width: width, block: block) {
            tensors[name] = try values.floats(key + name, shape)
        }
        let scale = try values.floats(key + "weighing", [2])
        self.init(channels: channels, tensors: tensors, weight: scale[0], centre: scale[1])
    }

    /// The numbers of an adapted patch of the head in `values` whose names begin with `prefix`.
    static func width(_ values: PackageConfiguration, prefix: String) throws(ModelError) -> Int {
        let name = "\(prefix)adapter.\(adaptedTaps[0]).skip.bias"
        let width = values.package.weights.tensor(name)?.shape.extents.first ?? embedding
        guard isWidth(width) else {
            throw values.error(name, "\(width) numbers", "16 to 256 in steps of 16")
        }
        return width
    }
}
