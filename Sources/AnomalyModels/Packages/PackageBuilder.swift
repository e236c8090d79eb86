import Inference
import Kernels
package import ModelPackages
import Tensors

/// Turns float weights into the tensors of a package: int8 codes where its graphs multiply in int8, floats
/// elsewhere.
///
/// What is quantised is not listed here. The graphs are compiled once, and each tensor is written in the form
/// in which the compiler read it, so that a package holds exactly what it is read for. What no graph reads
/// (CLIP's temperature) stays floating-point.
package struct PackageBuilder: Sendable {
    private let tensors: WeightFileWriter
    /// The tensors that stayed floating-point, sorted.
    package let floatNames: [String]
    private let calibration: Manifest.Calibration?
    private let network: Network

    /// Quantises `weights`, which are equalised already, per output channel.
    ///
    /// - Parameter calibration: the activations of an EfficientNet; nil for transformers, which quantise as
    ///   they come.
    ///
    /// Throws `weights` if the graphs of `network` do not fit or are not calibrated.
    package init(
        _ network: Network, weights: FloatWeights, calibration: Manifest.Calibration?
    ) throws(ModelError) {
        self.network = network
        let source = RecordingSource(FloatSource(weights, activations: calibration?.activations ?? [:]))
        for graph in try network.allGraphs() {
            do {
                _ = try unsafe CompiledModel(graph, weights: source, kernels: KernelTable(.best))
            } catch { throw .weights(directory: "", error) }
        }
        var tensors = WeightFileWriter(metadata: ["format": "linewatch"])
        var floatNames: [String] = []
        do {
            for (name, tensor) in weights.tensors {
                if let (shape, quantised) = source.codes[name] {
                    try tensors.addInt8(name, Shape(shape), quantised.codes)
                    try tensors.addFloat32(name + ".scale", [quantised.scale.count], quantised.scale)
                } else {
                    try tensors.addFloat32(name, Shape(tensor.shape), tensor.values)
                    floatNames.append(name)
                }
            }
        } catch { throw .package(.weights(error)) }
        self.tensors = tensors
        self.floatNames = floatNames.sorted()
        self.calibration = calibration.map { calibration in
            var used = calibration
            used.activations = calibration.activations.filter { source.activations.contains($0.key) }
            return used
        }
    }

    /// A package of these tensors called `name`, ready for files and provenance to be added and to be
    /// written.
    package func package(name: String, version: String) -> ModelPackageWriter {
        var manifest = Manifest(name: name, version: version, architecture: network.architectureName)
        manifest.configuration = network.configuration
        // Attention has no tensor of its own: where its probabilities have 16 bits, the node is named.
        let fine = network.finer.filter { $0.hasSuffix(".heads") }
        manifest.quantisation = .init(
            scheme: "qs8-per-channel", exceptions: (floatNames.filter(isMatrix) + fine).sorted())
        manifest.calibration = calibration
        return ModelPackageWriter(manifest, weights: tensors)
    }

    /// Biases, norms and positions are always floating-point; a matrix that is, is worth a word.
    private func isMatrix(_ name: String) -> Bool { name.hasSuffix(".weight") && !name.contains("norm") }
}
