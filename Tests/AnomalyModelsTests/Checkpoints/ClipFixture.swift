/// The random CLIP of Golden/clip.py in each published layout.
enum ClipFixture: String, CaseIterable {
    case openai, openclip
    case openclipText = "openclip_text"
    case transformers

    func tensors() throws -> NamedTensors {
        var fixture = try NamedTensors(golden: "clip_openai.safetensors")
        guard self != .openai else { return fixture }
        for name in ["input_resolution", "context_length", "vocab_size"] { fixture.tensors[name] = nil }
        switch self {
        case .openai: break
        case .openclip: fixture.addZeros("attn_mask", [77, 77])
        case .openclipText:
            fixture.addZeros("attn_mask", [77, 77])
            fixture.transpose("text_projection")
            fixture.rename("text_projection", "text_projection.weight")
            for name in fixture.tensors.keys where !name.hasPrefix("visual.") && name != "logit_scale" {
                fixture.rename(name, "text." + name)
            }
        case .transformers: Self.renameForTransformers(&fixture)
        }
        return fixture
    }

    private static func renameForTransformers(_ fixture: inout NamedTensors) {
        for (tower, prefix) in [("vision_model.", "visual."), ("text_model.", "")] {
            for old in fixture.tensors.keys where old.hasPrefix(prefix + "transformer.resblocks.") {
                var new = tower + "encoder.layers." + old.dropFirst((prefix + "transformer.resblocks.").count)
                for (from, to) in [
                    ("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"), ("attn.out_proj", "self_attn.out_proj"),
                    ("c_fc", "fc1"), ("c_proj", "fc2"),
                ] {
                    new.replace(from, with: to)
                }
                fixture.rename(old, new)
            }
        }
        for name in fixture.tensors.keys where name.contains(".attn.in_proj_") {
            let (shape, values) = fixture.tensors.removeValue(forKey: name)!
            let count = values.count / 3
            for (index, part) in ["q", "k", "v"].enumerated() {
                let new = name.replacing(".attn.in_proj_", with: ".self_attn.\(part)_proj.")
                let slice = Array(values[index * count..<(index + 1) * count])
                fixture.tensors[new] = ([shape[0] / 3] + shape.dropFirst(), slice)
            }
        }
        for (old, new) in [
            ("visual.class_embedding", "vision_model.embeddings.class_embedding"),
            ("visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"),
            ("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"),
            ("visual.ln_pre.weight", "vision_model.pre_layrnorm.weight"),
            ("visual.ln_pre.bias", "vision_model.pre_layrnorm.bias"),
            ("visual.ln_post.weight", "vision_model.post_layernorm.weight"),
            ("visual.ln_post.bias", "vision_model.post_layernorm.bias"),
            ("visual.proj", "visual_projection.weight"),
            ("token_embedding.weight", "text_model.embeddings.token_embedding.weight"),
            ("positional_embedding", "text_model.embeddings.position_embedding.weight"),
            ("ln_final.weight", "text_model.final_layer_norm.weight"),
            ("ln_final.bias", "text_model.final_layer_norm.bias"),
            ("text_projection", "text_projection.weight"),
        ] {
            fixture.rename(old, new)
        }
        fixture.transpose("visual_projection.weight")
        fixture.transpose("text_projection.weight")
        fixture.addZeros("vision_model.embeddings.position_ids", [1, 17])
        fixture.addZeros("text_model.embeddings.position_ids", [1, 77])
    }
}
