import Imaging
import Inference
import Kernels
import Platform

/// The image adapter of one tap: patches and their nearest good ones in fewer numbers, learned for the product.
@safe
final class PatchAdapter {
    /// Numbers of an adapted patch, a multiple of 16, and those of a product: without D where U is 0, as in a head whose
    /// adapters were not trained.
    private let width: Int
    private let columns: Int
    private let rows: QueryRows
    private let depth: Int
    private let channels: Int
    private let tap: Int
    private let buffers: FloatBuffers
    private let product: KernelCall
    /// The patches as floats; S v and D v, side by side, `[patches, columns]`.
    private let vectors: UnsafeMutablePointer<Float>
    private let products: UnsafeMutablePointer<Float>
    /// A of every vector of the bank, `[count, width]`.
    private let known: UnsafeMutablePointer<Float>
    private let last: Last

    /// - Precondition: `bank` is that of tap `tap`, which counts from the finest.
    init(
        _ head: SegmentationHead, _ tap: Int, _ bank: PatchBank.Vectors, of trunk: PatchTrunk,
        kernels: KernelTable
    ) throws(PlatformError) {
        let name = "adapter.\(SegmentationHead.adaptedTaps[tap])", width = head.width
        let isBent = head["\(name).up"].contains { $0 != 0 }, columns = isBent ? 2 * width : width
        let (channels, patches) = (trunk.taps[tap].channels, trunk.grid(tap).pixelCount)
        unsafe rows = trunk.patches(tap)
        (self.tap, self.channels, depth) = (tap, channels, trunk.depth(tap))
        (self.width, self.columns) = (width, columns)
        buffers = try FloatBuffers(
            [
                patches * channels, patches * columns, channels * columns, bank.count * width, width,
                columns,
            ], scratchBytes: 4096)
        unsafe (vectors, products, known) = unsafe (buffers[0], buffers[1], buffers[3])
        let weight = unsafe buffers[2]
        unsafe FloatBuffers.transpose(
            head["\(name).skip"] + (isBent ? head["\(name).down"] : []), rows: columns, to: weight)
        product = unsafe .floatProduct(
            kernels, vectors, rows: patches, depth: channels, weight: weight, stride: columns,
            columns: columns, out: products)
        unsafe last = Last(head, name, isBent: isBent, inner: buffers[4])
        for vector in 0..<bank.count {
            let codes = bank.codes[vector * channels..<(vector + 1) * channels]
            let square = codes.reduce(into: Int32(0)) { $0 += Int32($1) * Int32($1) }
            let scale = VectorBank.scale(square)
            unsafe adapt(codes.map { Float($0) * scale }, to: known + vector * width)
        }
    }

    deinit { product.destroy() }

    /// Writes A(q) and |A(q) - A(n)| of every patch to the front of its row of `target`, `stride` floats apart.
    /// Allocation-free.
    func run(
        _ evidence: PatchEvidence, to target: UnsafeMutablePointer<Float>, stride: Int,
        _ scratch: UnsafeMutableRawPointer
    ) {
        let nearest = unsafe evidence.nearest(tap), width = width
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
            let place = unsafe target + patch * stride
            unsafe last.run(products + patch * columns, to: place)
            // The search wrote a position in the bank.
            let near = unsafe known + Int(nearest[patch]) * width
            for sixteen in Swift.stride(from: 0, to: width, by: 16) {
                var gap =
                    unsafe SegmentationPass.lanes(place + sixteen) - SegmentationPass.lanes(near + sixteen)
                gap.replace(with: -gap, where: gap .< 0)
                // Behind the `width` numbers of A(q) there is room for as many.
                unsafe UnsafeMutableRawPointer(place + width + sixteen).storeBytes(
                    of: gap, as: SIMD16<Float>.self)
            }
        }
    }

    /// A of `vector`, a number for each channel.
    func adapted(_ vector: [Float]) -> [Float] {
        precondition(vector.count == channels, "a vector of \(vector.count) for \(channels) channels")
        return unsafe [Float](unsafeUninitializedCapacity: width) { room, count in
            // `adapt` writes `width` floats.
            if let base = room.baseAddress { unsafe adapt(vector, to: base) }
            count = width
        }
    }

    /// Writes A of `vector` to `target`.
    private func adapt(_ vector: [Float], to target: UnsafeMutablePointer<Float>) {
        let both = unsafe buffers[5], weight = unsafe buffers[2]
        for sixteen in Swift.stride(from: 0, to: columns, by: 16) {
            var sum = SIMD16<Float>.zero
            for (channel, value) in vector.enumerated() {
                // Rows of the weight are channels: S, then D.
                unsafe sum += value * SegmentationPass.lanes(weight + channel * columns + sixteen)
            }
            unsafe UnsafeMutableRawPointer(both + sixteen).storeBytes(of: sum, as: SIMD16<Float>.self)
        }
        unsafe last.run(both, to: target)
    }
}

/// A of S v and D v.
@safe
private struct Last {
    private let width: Int
    private let skip: [SIMD16<Float>]
    private let down: [SIMD16<Float>]
    /// Columns of U, times `SegmentationHead.residual`, each in sixteens; none if U is 0.
    private let up: [SIMD16<Float>]
    /// What goes into U, `width` floats.
    private let inner: UnsafeMutablePointer<Float>

    init(_ head: SegmentationHead, _ name: String, isBent: Bool, inner: UnsafeMutablePointer<Float>) {
        let width = head.width, matrix = head["\(name).up"]
        self.width = width
        unsafe self.inner = unsafe inner
        skip = SegmentationPass.halves(head["\(name).skip.bias"])
        down = SegmentationPass.halves(head["\(name).down.bias"])
        up = (0..<(isBent ? width : 0)).flatMap { column in
            SegmentationPass.halves(
                (0..<width).map { SegmentationHead.residual * matrix[$0 * width + column] })
        }
    }

    /// Writes A to `target`, from S v and D v, side by side at `products`.
    @inline(__always)
    func run(_ products: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
        let sixteens = skip.count, columns = up.count / sixteens
        for index in 0..<(columns > 0 ? sixteens : 0) {
            var sum = unsafe SegmentationPass.lanes(products + width + 16 * index) + down[index]
            sum.replace(with: 0, where: sum .< 0)
            // Inner and target have `width` floats.
            unsafe UnsafeMutableRawPointer(inner + 16 * index).storeBytes(of: sum, as: SIMD16<Float>.self)
        }
        for index in 0..<sixteens {
            var sum = unsafe SegmentationPass.lanes(products + 16 * index) + skip[index]
            for column in 0..<columns { unsafe sum += inner[column] * up[column * sixteens + index] }
            unsafe UnsafeMutableRawPointer(target + 16 * index).storeBytes(of: sum, as: SIMD16<Float>.self)
        }
    }
}
