import Tensors

/// What one published layout of CLIP calls its tensors.
struct ClipNames: Sendable {
    /// The names inside one transformer block, without `.weight` and `.bias`.
    struct Block: Sendable {
        let norm1: String
        /// The fused q, k, v projection as weight and bias, or nil where they are three layers.
        let fused: (weight: String, bias: String)?
        let separate: [String]
        let attention: String
        let norm2: String
        let fc1: String
        let fc2: String
        /// LayerScale after the attention and after the MLP, or nil.
        var scales: (attention: String, mlp: String)?
    }

    let layout: String
    let classEmbedding: String
    let visionPositions: String
    let patch: String
    let normPre: String
    let normPost: String
    let visionProjection: String
    let visionLayers: String
    var visionBlock: Block

    let tokens: String
    let textPositions: String
    let normFinal: String
    let textProjection: String
    let textLayers: String
    var textBlock: Block

    let logitScale: String
    /// Whether a projection is a linear layer [d_t, d], not a matrix [d, d_t] applied from the right.
    let visionProjectionIsLinear: Bool
    let textProjectionIsLinear: Bool
    /// The tensors that are not weights.
    let buffers: Set<String>

    /// The numbers that only OpenAI's exports hold.
    private static let exportNumbers = ["input_resolution", "context_length", "vocab_size"]

    /// Whether `file` is an export by OpenAI, and so was trained with QuickGELU.
    static func isExport(_ file: WeightFile) -> Bool {
        exportNumbers.allSatisfy { file.tensor($0) != nil }
    }

    /// The names of OpenAI and OpenCLIP, in the variant that `file` uses: everything may stand under
    /// `module.`, the text tower under `text.`, its projection may be a linear layer, and blocks may have a
    /// LayerScale.
    static func openAI(_ file: WeightFile) -> ClipNames {
        let isExport = isExport(file)
        let module = file.names.contains { $0.hasPrefix("module.") } ? "module." : ""
        let text = module + (file.names.contains { $0.hasPrefix(module + "text.") } ? "text." : "")
        let isLinear = file.tensor(text + "text_projection.weight") != nil
        var names = ClipNames(
            layout: isExport ? "OpenAI" : "OpenCLIP",
            classEmbedding: module + "visual.class_embedding",
            visionPositions: module + "visual.positional_embedding", patch: module + "visual.conv1.weight",
            normPre: module + "visual.ln_pre", normPost: module + "visual.ln_post",
            visionProjection: module + "visual.proj", visionLayers: module + "visual.transformer.resblocks.",
            visionBlock: openAIBlock, tokens: text + "token_embedding.weight",
            textPositions: text + "positional_embedding", normFinal: text + "ln_final",
            textProjection: text + (isLinear ? "text_projection.weight" : "text_projection"),
            textLayers: text + "transformer.resblocks.", textBlock: openAIBlock,
            logitScale: module + "logit_scale", visionProjectionIsLinear: false,
            textProjectionIsLinear: isLinear,
            buffers: Set([module + "attn_mask", text + "attn_mask"] + (isExport ? exportNumbers : [])))
        func isScaled(_ layers: String) -> Bool {
            file.names.contains {
                $0.hasPrefix(layers) && ($0.hasSuffix(".ls_1.gamma") || $0.hasSuffix(".ls_2.gamma"))
            }
        }
        let scales = (attention: "ls_1.gamma", mlp: "ls_2.gamma")
        names.visionBlock.scales = isScaled(names.visionLayers) ? scales : nil
        names.textBlock.scales = isScaled(names.textLayers) ? scales : nil
        return names
    }

    /// The names of the Transformers library.
    static let transformers = ClipNames(
        layout: "Transformers", classEmbedding: "vision_model.embeddings.class_embedding",
        visionPositions: "vision_model.embeddings.position_embedding.weight",
        patch: "vision_model.embeddings.patch_embedding.weight", normPre: "vision_model.pre_layrnorm",
        normPost: "vision_model.post_layernorm", visionProjection: "visual_projection.weight",
        visionLayers: "vision_model.encoder.layers.", visionBlock: transformersBlock,
        tokens: "text_model.embeddings.token_embedding.weight",
        textPositions: "text_model.embeddings.position_embedding.weight",
        normFinal: "text_model.final_layer_norm", textProjection: "text_projection.weight",
        textLayers: "text_model.encoder.layers.", textBlock: transformersBlock, logitScale: "logit_scale",
        visionProjectionIsLinear: true, textProjectionIsLinear: true,
        buffers: ["vision_model.embeddings.position_ids", "text_model.embeddings.position_ids"])

    private static let openAIBlock = Block(
        norm1: "ln_1", fused: ("attn.in_proj_weight", "attn.in_proj_bias"), separate: [],
        attention: "attn.out_proj", norm2: "ln_2", fc1: "mlp.c_fc", fc2: "mlp.c_proj")

    private static let transformersBlock = Block(
        norm1: "layer_norm1", fused: nil, separate: ["q", "k", "v"].map { "self_attn.\($0)_proj" },
        attention: "self_attn.out_proj", norm2: "layer_norm2", fc1: "mlp.fc1", fc2: "mlp.fc2")
}
