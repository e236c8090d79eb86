/// The weights of a network in float32, under our own names and layouts; what graph builders and the package
/// writer read. Values are row-major, finite, and as many as the shape says.
///
/// EfficientNet-Lite, batch norms folded in, block i from 0:
///
///     stem.weight [32, 3, 3, 3] (out, ky, kx, in)                   stem.bias [32]
///     block{i}.expand.weight [out, in] (absent in block 0)          block{i}.expand.bias
///     block1.expand.weight [out, inner width of block 0] (the product with the projection of block 0)
///     block{i}.depthwise.weight [ky, kx, channels]                  block{i}.depthwise.bias
///     block{i}.project.weight [out, in]                             block{i}.project.bias
///     head.weight [1280, in], classifier.weight [1000, 1280]        head.bias, classifier.bias
///
/// BERT, width d, layer i from 0:
///
///     embeddings.word [V, d], embeddings.position [P, d], embeddings.type0 [d], embeddings.norm [d]
///     layer{i}.qkv.weight [3d, d] (rows q, k, v), layer{i}.attention.weight [d, d], layer{i}.norm1
///     layer{i}.fc1.weight [4d, d], layer{i}.fc2.weight [d, 4d], layer{i}.norm2
///
/// Every norm has a weight and a bias, every linear layer a bias of its rows; the projections of CLIP have
/// none.
///
/// CLIP, towers under `vision.` and `text.`; layers as in BERT, but each norm stands before its part:
///
///     vision.patch.weight [d, p, p, 3] (out, ky, kx, in), vision.class [d], vision.positions [g * g + 1, d]
///     vision.norm_pre, vision.layer{i}..., vision.norm_post, vision.projection.weight [d_t, d]
///     text.embeddings.word [V, d], text.embeddings.position [P, d], text.layer{i}..., text.norm_final
///     text.projection.weight [d_t, d], logit_scale [1]
package struct FloatWeights: Sendable {
    package var tensors: [String: (shape: [Int], values: [Float])]

    package init(tensors: [String: (shape: [Int], values: [Float])] = [:]) {
        self.tensors = tensors
    }
}
