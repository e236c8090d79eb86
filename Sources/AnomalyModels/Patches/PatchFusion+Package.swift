internal import ModelPackages
internal import Tensors

// PATCH FUSION, part of a patch bank that uses one
//
//   tensors    fusion.s8.weights, .s16., .s32.    F32 [5, 16]: of an input, what it adds to the units
//              fusion.s8.bias, ...                F32 [16]
//              fusion.s8.outputs, ...             F32 [17]: of each unit, and the last alone
//
// A fusion is valid if and only if these are there and every number is finite.

extension PatchFusion {
    private static let tapNames = ["s8", "s16", "s32"]

    /// Adds it to a weight file, with `prefix` before the names.
    func add(to tensors: inout WeightFileWriter, prefix: String) throws(WeightFileError) {
        for (name, tap) in zip(Self.tapNames, taps) {
            let key = "\(prefix)fusion.\(name)."
            let values = { (vector: SIMD16<Float>) in (0..<Self.width).map { vector[$0] } }
            try tensors.addFloat32(key + "weights", [Self.inputs, Self.width], tap.weights.flatMap(values))
            try tensors.addFloat32(key + "bias", [Self.width], values(tap.bias))
            try tensors.addFloat32(key + "outputs", [Self.width + 1], values(tap.outputs) + [tap.outputBias])
        }
    }

    /// The fusion whose names begin with `prefix`; nil if there is none.
    init?(_ values: PackageConfiguration, prefix: String) throws(ModelError) {
        let first = "\(prefix)fusion.\(Self.tapNames[0]).weights"
        guard values.package.weights.tensor(first) != nil else { return nil }
        var taps: [Tap] = []
        for name in Self.tapNames {
            let key = "\(prefix)fusion.\(name)."
            let inputs = try values.floats(key + "weights", [Self.inputs, Self.width])
            let outputs = try values.floats(key + "outputs", [Self.width + 1])
            taps.append(
                Tap(
                    weights: (0..<Self.inputs).map { input in
                        SIMD16(inputs[input * Self.width..<(input + 1) * Self.width])
                    },
                    bias: SIMD16(try values.floats(key + "bias", [Self.width])),
                    outputs: SIMD16(outputs.prefix(Self.width)), outputBias: outputs[Self.width]))
        }
        self.init(taps: taps)
    }
}
