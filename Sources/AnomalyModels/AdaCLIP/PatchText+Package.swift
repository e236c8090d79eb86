internal import ModelPackages
internal import Tensors

// TEXT OF A PRODUCT, part of a patch bank that was taught with a class name
//
//   tensors    text.NAME       F32, see `ClassMargin.shapes`
//              text.weighing   F32 [2]: weight and centre
//
// A text is valid if and only if these are there and every number is finite.

extension PatchText {
    /// Adds it to a weight file, with `prefix` before the names.
    func add(to tensors: inout WeightFileWriter, prefix: String) throws(WeightFileError) {
        for (name, shape) in ClassMargin.shapes(hidden: margin.hidden, channels: margin.channels) {
            try tensors.addFloat32("\(prefix)text.\(name)", Shape(shape), margin[name])
        }
        try tensors.addFloat32("\(prefix)text.weighing", [2], [weight, centre])
    }

    /// The text whose names begin with `prefix`, for patches of `vectors`; nil if there is none.
    init?(
        _ values: PackageConfiguration, prefix: String, vectors: [PatchBank.Vectors]
    ) throws(ModelError) {
        let weights = values.package.weights, key = "\(prefix)text."
        guard weights.tensor(key + "weighing") != nil else { return nil }
        let channels = vectors.map(\.channels)
        let hidden = weights.tensor(key + "bias")?.shape.extents.first ?? 0
        guard 16...1024 ~= hidden, hidden % 16 == 0 else {
            throw values.error(key + "bias", "\(hidden) numbers", "16 to 1024 in steps of 16")
        }
        var tensors: [String: [Float]] = [:]
        for (name, shape) in ClassMargin.shapes(hidden: hidden, channels: channels) {
            tensors[name] = try values.floats(key + name, shape)
        }
        let weighing = try values.floats(key + "weighing", [2])
        self.init(
            ClassMargin(hidden: hidden, channels: channels, tensors: tensors), weight: weighing[0],
            centre: weighing[1])
    }
}
