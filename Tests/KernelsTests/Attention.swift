import CKernels
import Kernels

/// Attention on rows [q | k | v], for any instruction set.
struct Attention {
    var tokens: Int, heads: Int, headWidth: Int
    var isCausal: Bool
    /// Probabilities in 16 bits.
    var isFine = false

    /// [tokens, heads * headWidth]. `qkv` is [tokens, 3 * heads * headWidth]; keys from `visible` on are
    /// masked.
    func run(_ instructions: InstructionSet, _ qkv: [Float], visible: Int? = nil, split: Split = .whole)
        -> Buffer<Float>
    {
        let table = unsafe instructions.table, width = heads * headWidth, padded = (tokens + 31) / 32 * 32
        let input = Buffer(qkv), out = Buffer<Float>(count: tokens * width)
        let keys = Buffer<UInt8>(count: unsafe heads * ck_packed_bytes(table, padded, headWidth))
        let values = Buffer<UInt8>(count: unsafe heads * ck_packed_bytes(table, headWidth, padded))
        let keySum = Buffer<Int32>(count: heads * padded), keyScale = Buffer<Float>(count: heads * padded)
        let keyBias = Buffer<Float>((0..<padded).map { $0 < visible ?? tokens ? 0 : -1e30 })
        let valueScale = Buffer<Float>(count: width)
        let scratch = Buffer<UInt8>(count: ck_scratch_bytes(headWidth, tokens, 1))
        var op = unsafe ck_attention(
            qkv: input.read, qkv_stride: 3 * width, tokens: tokens, padded: padded, heads: heads,
            head_width: headWidth,
            causal: isCausal ? 1 : 0, fine: isFine ? 1 : 0, keys: keys.raw, values: values.raw,
            key_sum: keySum.pointer,
            key_scale: keyScale.pointer, key_bias: keyBias.pointer, value_scale: valueScale.pointer,
            out: out.pointer,
            out_stride: width)
        split.forEachRange(of: heads) { begin, end in
            unsafe table.pointee.f32_qd8_pack_attention(&op, begin, end, scratch.raw)
        }
        let queries = Int(CK_QUERIES)
        split.forEachRange(of: heads * ((tokens + queries - 1) / queries)) { begin, end in
            unsafe table.pointee.qd8_attention(&op, begin, end, scratch.raw)
        }
        return withExtendedLifetime((input, keys, values, keySum, keyScale, keyBias, valueScale)) { out }
    }
}
