internal import AnomalyModels
package import Tensors

/// What AdaCLIP learns: prompts of both towers and the projections of patches and class token.
///
/// Tensors are named as in the authors' checkpoints, in safetensors:
///
///     clip_model.{text,visual}_prompter.static_prompts.{j}               [M, text or vision width]
///     clip_model.dynamic_{text,visual}_prompt_generator.head.{m}.weight  [text or vision width, embedding]
///     clip_model.patch_token_layer.head.{l}.weight                       [embedding, vision width], l = 0...3
///     clip_model.cls_token_layer.head.0.weight                           [embedding, embedding]
///
/// Each linear layer has a `.bias` of its rows. The numbers J of prompted blocks and M of prompts are read off
/// the names and shapes. The file's metadata may hold `clip_sha256`: the digest of the tower that the heads were
/// trained on (`FidelityTower.digest`); heads that have one are refused for every other tower.
package final class FidelityHeads {
    /// How many blocks have prompts, and how many each.
    package struct Form: Sendable, Hashable {
        package var promptedBlocks = 4
        package var prompts = 5

        /// As published.
        package init() {}
    }

    package let form: Form
    package let parameters = Parameters<Float>()

    static let metadataKey = "clip_sha256"
    private static let prefix = "clip_model."
    private static let tapCount = 4

    /// Untrained ones: static prompts N(0, 0.02²), layers uniform as PyTorch begins them.
    package init(for tower: FidelityTower, form: Form = Form(), seed: UInt64) {
        self.form = form
        for (name, shape) in Self.shapes(tower, form) {
            let initial: Initial =
                if name.contains("static_prompts") {
                    .normal(deviation: 0.02, seed: seed)
                } else if name.hasSuffix(".bias") {
                    // Uniform within the square root of 1 / inputs, like the weight's.
                    Self.bias(name, shape, inputs: Self.inputs(of: name, tower), seed: seed)
                } else {
                    .uniform(seed: seed)
                }
            parameters.add(name, shape, initial, decays: true)
        }
    }

    /// Those of a file.
    ///
    /// Throws `otherTower` if it names another tower, `heads` with every tensor that is missing, unexpected or of
    /// a wrong shape, `notFinite`, or `file`.
    package init(_ file: WeightFile, for tower: FidelityTower) throws(FidelityError) {
        if let wanted = file.metadata[Self.metadataKey], wanted != tower.digest {
            throw .otherTower(file: file.path, wanted: wanted, found: tower.digest)
        }
        form = Self.form(of: file)
        let blocks = min(tower.network.vision.layers, tower.text.layers)
        guard form.promptedBlocks <= blocks else {
            throw .tower(
                reason: "the heads '\(file.path)' prompt \(form.promptedBlocks) blocks and it has \(blocks)")
        }
        let shapes = Self.shapes(tower, form)
        try Self.check(file, shapes)
        for (name, shape) in shapes {
            let values: [Float]
            do { values = try file.floats(name) } catch {
                if case .notFinite(let path, let tensor, _) = error {
                    throw .notFinite(file: path, tensor: tensor)
                }
                throw .file(error)
            }
            parameters.add(name, shape, .values(values.map(Double.init)), decays: true)
        }
    }

    /// The tensors as a file that is bound to `tower`. Throws `WeightFileError` if one is not finite.
    package func file(for tower: FidelityTower) throws(WeightFileError) -> WeightFileWriter {
        var writer = WeightFileWriter(metadata: [Self.metadataKey: tower.digest])
        try add(to: &writer)
        return writer
    }

    /// Adds the tensors to a file.
    func add(to writer: inout WeightFileWriter) throws(WeightFileError) {
        for parameter in parameters.all {
            try writer.addFloat32(parameter.name, Shape(parameter.shape), parameter.values)
        }
    }

    /// Whether a tensor of a file with other things in it is one of the heads'.
    static func owns(_ name: String) -> Bool { name.hasPrefix(prefix) }

    // MARK: On a tape

    func parameter(_ name: String, _ tape: Tape<Float>) -> Tensor<Float> {
        guard let parameter = parameters[Self.prefix + name] else {
            preconditionFailure("no parameter '\(name)'")
        }
        return tape.parameter(parameter)
    }

    /// A linear layer.
    func linear(_ x: Tensor<Float>, _ name: String, _ tape: Tape<Float>) -> Tensor<Float> {
        tape.linear(x, parameter(name + ".weight", tape), parameter(name + ".bias", tape))
    }

    // MARK: Names and shapes

    /// Every tensor, in the order in which they are trained.
    static func shapes(_ tower: FidelityTower, _ form: Form) -> [(name: String, shape: [Int])] {
        let (vision, joint) = (tower.network.vision.width, tower.network.embeddingWidth)
        var shapes: [(name: String, shape: [Int])] = []
        func layer(_ name: String, _ rows: Int, _ columns: Int) {
            shapes.append((prefix + name + ".weight", [rows, columns]))
            shapes.append((prefix + name + ".bias", [rows]))
        }
        let kinds = [("text", tower.text.width), ("visual", vision)]
        for (kind, width) in kinds {
            for index in 0..<form.promptedBlocks {
                shapes.append(("\(prefix)\(kind)_prompter.static_prompts.\(index)", [form.prompts, width]))
            }
        }
        for (kind, width) in kinds {
            for index in 0..<form.prompts {
                layer("dynamic_\(kind)_prompt_generator.head.\(index)", width, joint)
            }
        }
        for index in 0..<tapCount { layer("patch_token_layer.head.\(index)", joint, vision) }
        layer("cls_token_layer.head.0", joint, joint)
        return shapes
    }

    /// J and M of a file; those published where it does not tell.
    private static func form(of file: WeightFile) -> Form {
        var form = Form()
        let start = prefix + "visual_prompter.static_prompts."
        let count = file.names.count { $0.hasPrefix(start) }
        if 1...64 ~= count { form.promptedBlocks = count }
        if let extents = file.tensor(start + "0")?.shape.extents, extents.count == 2, 1...64 ~= extents[0] {
            form.prompts = extents[0]
        }
        return form
    }

    private static func check(
        _ file: WeightFile, _ shapes: [(name: String, shape: [Int])]
    ) throws(FidelityError) {
        let known = Set(shapes.map(\.name))
        let wrong = shapes.compactMap { name, shape -> String? in
            guard let found = file.tensor(name)?.shape.extents, found != shape else { return nil }
            return "'\(name)' \(found), not \(shape)"
        }
        let missing = shapes.map(\.name).filter { file.tensor($0) == nil }
        let unexpected = file.names.filter { !known.contains($0) }
        guard missing.isEmpty, unexpected.isEmpty, wrong.isEmpty else {
            throw .heads(
                file: file.path, missing: missing.sorted(), unexpected: unexpected,
                wrongShapes: wrong.sorted())
        }
    }

    private static func inputs(of bias: String, _ tower: FidelityTower) -> Int {
        bias.contains("patch_token_layer") ? tower.network.vision.width : tower.network.embeddingWidth
    }

    private static func bias(_ name: String, _ shape: [Int], inputs: Int, seed: UInt64) -> Initial {
        var random = RandomNumbers(seed: seed, stream: name)
        let limit = (1 / Double(inputs)).squareRoot()
        return .values((0..<shape[0]).map { _ in limit * (2 * random.nextUnit() - 1) })
    }
}
