import Imaging
import Inference
import Kernels
import Platform

/// The image adapter of one tap: patches and their nearest good ones in fewer numbers, learned for the product.
@safe
final class PatchAdapter {
    private static let width = SegmentationHead.embedding
    private let rows: QueryRows
    private let depth: Int
    private let channels: Int
    private let tap: Int
    private let buffers: FloatBuffers
    private let product: KernelCall
    /// The patches as floats; S v and D v, side by side.
    private let vectors: UnsafeMutablePointer<Float>
    private let products: UnsafeMutablePointer<Float>
    private let bias: (skip: SIMD16<Float>, down: SIMD16<Float>)
    /// Columns of U, times `SegmentationHead.residual`.
    private let up: [SIMD16<Float>]
    /// A of every vector of the bank.
    private let known: [SIMD16<Float>]

    /// - Precondition: `bank` is that of tap `tap`, which counts from the finest.
    init(
        _ head: SegmentationHead, _ tap: Int, _ bank: PatchBank.Vectors, of trunk: PatchTrunk,
        kernels: KernelTable
    ) throws(PlatformError) {
        let name = "adapter.\(SegmentationHead.adaptedTaps[tap])", width = Self.width
        let (channels, patches) = (trunk.taps[tap].channels, trunk.grid(tap).pixelCount)
        unsafe rows = trunk.patches(tap)
        (self.tap, self.channels, depth) = (tap, channels, trunk.depth(tap))
        buffers = try FloatBuffers(
            [patches * channels, patches * 2 * width, channels * 2 * width], scratchBytes: 4096)
        unsafe (vectors, products) = unsafe (buffers[0], buffers[1])
        let weight = unsafe buffers[2]
        unsafe FloatBuffers.transpose(
            head["\(name).skip"] + head["\(name).down"], rows: 2 * width, to: weight)
        product = unsafe .floatProduct(
            kernels, vectors, rows: patches, depth: channels, weight: weight, stride: 2 * width,
            columns: 2 * width, out: products)
        bias = (SIMD16(head["\(name).skip.bias"]), SIMD16(head["\(name).down.bias"]))
        let matrix = head["\(name).up"]
        up = (0..<width).map { column in
            SIMD16((0..<width).map { SegmentationHead.residual * matrix[$0 * width + column] })
        }
        let (bias, up) = (bias, up)
        known = (0..<bank.count).map { vector in
            let codes = bank.codes[vector * channels..<(vector + 1) * channels]
            let square = codes.reduce(into: Int32(0)) { $0 += Int32($1) * Int32($1) }
            let scale = VectorBank.scale(square)
            return unsafe Self.adapted(codes.map { Float($0) * scale }, weight, bias, up)
        }
    }

    deinit { product.destroy() }

    /// Writes A(q) and |A(q) - A(n)| of every patch to the front of its row of `target`, `stride` floats apart.
    /// Allocation-free.
    func run(
        _ evidence: PatchEvidence, to target: UnsafeMutablePointer<Float>, stride: Int,
        _ scratch: UnsafeMutableRawPointer
    ) {
        let nearest = unsafe evidence.nearest(tap)
        for patch in unsafe 0..<rows.count {
            // Codes are stored as code + 128; a row has `channels` of them in front of its padding.
            let codes = unsafe rows.codes + patch * depth, scale = unsafe rows.scales[patch]
            let vector = unsafe vectors + patch * channels
            for channel in 0..<channels {
                unsafe vector[channel] = Float(Int32(codes[channel]) &- 128) * scale
            }
        }
        unsafe product.run(0..<product.unitCount, scratch: scratch)
        for patch in unsafe 0..<rows.count {
            let row = unsafe products + patch * 2 * Self.width
            let own = unsafe Self.adapted(
                SegmentationPass.lanes(row), SegmentationPass.lanes(row + Self.width), bias, up)
            // The search wrote a position in the bank.
            var gap = unsafe own - known[Int(nearest[patch])]
            gap.replace(with: -gap, where: gap .< 0)
            let place = unsafe UnsafeMutableRawPointer(target + patch * stride)
            unsafe place.storeBytes(of: own, as: SIMD16<Float>.self)
            unsafe place.storeBytes(of: gap, toByteOffset: 4 * Self.width, as: SIMD16<Float>.self)
        }
    }

    /// A of `vector`, a number for each channel.
    func adapted(_ vector: [Float]) -> SIMD16<Float> {
        precondition(vector.count == channels, "a vector of \(vector.count) for \(channels) channels")
        return unsafe Self.adapted(vector, buffers[2], bias, up)
    }

    private static func adapted(
        _ vector: [Float], _ weight: UnsafePointer<Float>,
        _ bias: (skip: SIMD16<Float>, down: SIMD16<Float>), _ up: [SIMD16<Float>]
    ) -> SIMD16<Float> {
        var skip = SIMD16<Float>.zero, down = SIMD16<Float>.zero
        for (channel, value) in vector.enumerated() {
            // Rows of the weight are channels: S, then D.
            unsafe skip += value * SegmentationPass.lanes(weight + channel * 2 * width)
            unsafe down += value * SegmentationPass.lanes(weight + channel * 2 * width + width)
        }
        return adapted(skip, down, bias, up)
    }

    /// A of S v and D v.
    @inline(__always)
    private static func adapted(
        _ skip: SIMD16<Float>, _ down: SIMD16<Float>, _ bias: (skip: SIMD16<Float>, down: SIMD16<Float>),
        _ up: [SIMD16<Float>]
    ) -> SIMD16<Float> {
        var inner = down + bias.down, sum = skip + bias.skip
        inner.replace(with: 0, where: inner .< 0)
        for index in 0..<width { sum += inner[index] * up[index] }
        return sum
    }
}
