import Foundation
package import Tensors

/// A published checkpoint, recognised and converted.
package struct Checkpoint: Sendable {
    package let architecture: Architecture
    package let weights: FloatWeights
}

/// Recognises published safetensors checkpoints by the names and shapes of their tensors, and converts them.
package enum CheckpointReader {
    /// What can be read, for messages.
    static let knownNetworks = [
        "EfficientNet-Lite0, Lite1 and Lite2", "all-MiniLM-L6-v2",
        "CLIP ViT with the names of OpenAI, OpenCLIP or Transformers",
    ]

    /// Reads and converts the checkpoint at `path`.
    ///
    /// Throws if it is a pickle, if it is no valid safetensors file, or what `read(_:activation:)` throws.
    package static func read(
        path: String, activation: Architecture.Activation?
    ) throws(CheckpointError) -> Checkpoint {
        let file: WeightFile
        do {
            file = try WeightFile(path: path)
        } catch {
            throw isPickle(path) ? .pickle(file: path) : .file(error)
        }
        return try read(file, activation: activation)
    }

    /// Converts a checkpoint to `FloatWeights`: batch norms and LayerScale folded, q, k and v fused,
    /// projections as [out, in], float16 and bfloat16 widened.
    ///
    /// - Parameter activation: what a CLIP was trained with. Required unless the file is an export by OpenAI,
    ///   which
    ///   says so itself; not read for other networks.
    ///
    /// Throws one error that names every tensor that is missing, unexpected or wrongly shaped and the nearest
    /// known network; or the first tensor of a wrong type or with a number that is not finite; or what is not
    /// supported.
    package static func read(
        _ file: WeightFile, activation: Architecture.Activation?
    ) throws(CheckpointError) -> Checkpoint {
        if let feature = unsupportedFeature(of: file) {
            throw .unsupported(file: file.path, feature: feature)
        }
        let layout = try layout(of: file, activation: activation)
        if case .clip(let network) = layout.architecture {
            try check(network, of: file, activation: activation)
        }
        return Checkpoint(architecture: layout.architecture, weights: try layout.convert(file))
    }

    /// The layout that `file` fits, or an error with the nearest one.
    private static func layout(
        of file: WeightFile, activation: Architecture.Activation?
    ) throws(CheckpointError) -> CheckpointLayout {
        let clipActivation = ClipNames.isExport(file) ? .quickGELU : activation ?? .gelu
        var layouts = EfficientNetLite.allCases.map { EfficientNetLayout.layout(of: $0) }
        layouts.append(MiniLMLayout.layout(for: file))
        for names in [ClipNames.openAI(file), .transformers] {
            layouts.append(ClipLayout.layout(for: file, names: names, activation: clipActivation))
        }

        var nearest: CheckpointError.Mismatch?
        for layout in layouts {
            guard let mismatch = layout.mismatch(with: file) else { return layout }
            let knowsTensor = layout.rules.contains { $0.sources.contains { file.tensor($0.name) != nil } }
            if knowsTensor, mismatch.count < nearest?.count ?? .max { nearest = mismatch }
        }
        guard let nearest else { throw .unknown(file: file.path, names: file.names) }
        throw .doesNotFit(file: file.path, nearest)
    }

    private static func check(
        _ network: Architecture.Clip, of file: WeightFile, activation: Architecture.Activation?
    ) throws(CheckpointError) {
        // The heads cannot be read off the shapes. Up to ViT-L they have 64 columns, larger published towers
        // differ.
        if network.vision.width > 1024 {
            throw .unsupported(
                file: file.path, feature: "a vision width of \(network.vision.width), over 1024")
        }
        for width in [network.vision.width, network.text?.width ?? 64] where !width.isMultiple(of: 64) {
            throw .unsupported(file: file.path, feature: "a width of \(width), which is no multiple of 64")
        }
        guard ClipNames.isExport(file) else {
            if activation == nil { throw .activationRequired(file: file.path) }
            return
        }
        if let activation, activation != .quickGELU {
            throw .activationContradicts(file: file.path, asked: activation, found: .quickGELU)
        }
    }

    /// Parts of other CLIP models that the shapes of ours would only call unexpected.
    private static func unsupportedFeature(of file: WeightFile) -> String? {
        let features = [
            ("visual.attnpool.", "an attention-pool vision tower"),
            ("visual.attn_pool.", "an attention-pool vision tower"),
            ("visual.patchnorm_pre_ln.", "dual patch norm"),
            ("visual.trunk.", "a vision tower of another library"),
        ]
        return features.first { feature in
            file.names.contains { $0.hasPrefix(feature.0) || $0.hasPrefix("module." + feature.0) }
        }?.1
    }

    /// Whether the file begins as a zip archive or as a binary pickle.
    private static func isPickle(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let start = try? file.read(upToCount: 4) else {
            return false
        }
        return start.starts(with: [0x50, 0x4B, 3, 4])
            || start.count > 1 && start[0] == 0x80 && (2...5).contains(start[1])
    }
}
