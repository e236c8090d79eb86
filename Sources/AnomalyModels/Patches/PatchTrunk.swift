package import Imaging
package import Inference
package import Kernels
package import ModelPackages
import Platform

/// A frozen network that describes the patches of images of one size: pixels in, unit vectors in int8 out. That is an
/// EfficientNet-Lite, at stride 8, 16 and 32, or the vision tower of an imported CLIP, whose patches lie on one grid.
///
/// Each patch gets codes in -127...127, the largest of them 127 in magnitude; its length is computed from
/// the codes. So codes and lengths are the same on every instruction set, whatever the scale of the map.
@safe
package final class PatchTrunk {
    /// Width and height of the input in pixels, multiples of 32; for a tower equal, and multiples of its patch.
    package let size: Size
    package let taps: [PatchTap]
    /// The name and the digest of the package, which banks name, and its folder, which errors name.
    package let name: String
    package let digest: String
    let directory: String
    private let network: TrunkNetwork
    private let memory: Memory
    private let rows: [QueryRows]
    /// What makes `rows` of the maps, by tap.
    private let descriptions: [KernelCall]

    /// Compiles the trunk in `package` for images of `size`; with `float` it runs in float32. Blocks.
    ///
    /// Throws `unknownArchitecture` if it is neither an EfficientNet-Lite nor a CLIP, `inputSize` if `size` is not 64...4096
    /// in multiples of 32, for a tower a square of its patch, `weights` if they do not fit.
    package convenience init(
        _ package: ModelPackage, size: Size, float: FloatSource? = nil, kernels: KernelTable,
        pool: TensorPool
    ) throws(ModelError) {
        let model = try Network(of: package)
        let sides = [size.width, size.height]
        let graph: Graph, taps: [PatchTap]
        switch model.architecture {
        case .efficientNetLite(let network):
            guard sides.allSatisfy({ 64...4096 ~= $0 && $0 % 32 == 0 }) else {
                throw .inputSize(found: "\(size) pixels", allowed: "multiples of 32 from 64 to 4096 pixels")
            }
            taps = network.patchTaps
            graph = network.graph(
                height: size.height, width: size.width, taps: network.tapBlocks, hasClassifier: false)
        case .clip(let clip):
            let tower = clip.vision, patch = tower.patch
            // The score map has half the sides, so a patch is an even number of pixels; positions are those of a square.
            guard patch % 2 == 0, tower.layers % 4 == 0, size.width == size.height,
                sides.allSatisfy({ 64...2048 ~= $0 && $0 % patch == 0 })
            else {
                throw .inputSize(
                    found: "\(size) pixels",
                    allowed: "squares of multiples of \(patch) from 64 to 2048 pixels")
            }
            taps = tower.patchTaps
            graph = tower.graph(
                height: size.height, width: size.width, embeddingWidth: clip.embeddingWidth,
                activation: clip.activation, taps: tower.patchTapBlocks, hasPreNorm: model.hasPreNorm
            ).finer(model.finer)
        default:
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture,
                known: Self.trunkNetworks)
        }
        try self.init(
            package, graph, PackageSource(package), taps: taps, size: size, float: float, kernels: kernels,
            pool: pool)
    }

    /// The same of `graph` with `weights`, of whose outputs some are `taps`.
    init(
        _ package: ModelPackage, _ graph: Graph, _ weights: any WeightSource, taps: [PatchTap], size: Size,
        float: FloatSource? = nil, kernels: KernelTable, pool: TensorPool
    ) throws(ModelError) {
        (self.size, self.taps) = (size, taps)
        (name, digest) = (package.manifest.name, package.digest.description)
        directory = package.directory
        do {
            network = try TrunkNetwork(
                graph, weights, float: float, outputs: taps.map(\.output), kernels: kernels, pool: pool)
            unsafe (memory, rows) = try unsafe Self.buffers(taps, size)
        } catch { throw .weights(directory: package.directory, error) }
        unsafe descriptions = Self.calls(network, taps, to: rows, kernels)
    }

    /// The first row of output `name` of the graph. Valid as long as this lives.
    ///
    /// - Precondition: it has such an output, of floats.
    func output(_ name: String) -> UnsafePointer<Float> { unsafe network.map(name).values }

    /// The taps of the trunk in `package`. Throws `unknownArchitecture` if it is none.
    package static func taps(of package: ModelPackage) throws(ModelError) -> [PatchTap] {
        switch try Network(of: package).architecture {
        case .efficientNetLite(let network): network.patchTaps
        case .clip(let clip): clip.vision.patchTaps
        default:
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture, known: trunkNetworks)
        }
    }

    private static let trunkNetworks =
        EfficientNetLite.allCases.map { "efficientnet-lite\($0.rawValue)" } + ["clip"]

    deinit {
        for call in descriptions { call.destroy() }
    }

    /// The patches of tap `index` across and down.
    package func grid(_ index: Int) -> Size {
        Size(width: size.width / taps[index].stride, height: size.height / taps[index].stride)
    }

    /// The codes of a vector of tap `index`: its channels and the zeros behind them.
    package func depth(_ index: Int) -> Int { VectorBank.depth(taps[index].channels) }

    /// The input: u8 RGB `[height, width, 3]`. Written by the caller before `run`.
    package func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try unsafe network.withInput(body)
    }

    /// Describes the patches of the input. In int8 allocation-free.
    package func run() {
        network.run()
        // Rows need no scratch; the call wants an address.
        for call in descriptions { unsafe call.run(0..<call.unitCount, scratch: memory.base) }
    }

    /// The patches of tap `index`, row-major from the top left; valid from a `run` to the next, as long as the
    /// trunk lives.
    package func patches(_ index: Int) -> QueryRows { unsafe rows[index] }

    /// The numbers that those codes were made of, `[patches, channels]`. Allocates.
    package func values(_ index: Int) -> [Float] {
        let tap = taps[index]
        let (values, stride) = unsafe network.map(tap.output)
        return (0..<grid(index).pixelCount).flatMap { patch in
            // The map has a row for each token and then each patch.
            let row = unsafe UnsafeBufferPointer(
                start: values + (tap.tokens + patch) * stride, count: tap.channels)
            return unsafe Array(row)
        }
    }

    /// The codes of those patches, -127...127: `[patches, channels]`. Allocates.
    package func codes(_ index: Int) -> [Int8] {
        let rows = unsafe rows[index], depth = depth(index), channels = taps[index].channels
        var codes: [Int8] = []
        codes.reserveCapacity(unsafe rows.count * channels)
        for patch in unsafe 0..<rows.count {
            for channel in 0..<channels {
                // Stored as code + 128.
                let code = unsafe Int(rows.codes[patch * depth + channel]) - 128
                codes.append(Int8(truncatingIfNeeded: code))
            }
        }
        return codes
    }
}

extension PatchTrunk {
    /// Codes and scales for every tap.
    private static func buffers(
        _ taps: [PatchTap], _ size: Size
    ) throws(InferenceError) -> (Memory, [QueryRows]) {
        let counts = taps.map { size.pixelCount / ($0.stride * $0.stride) }
        let codeBytes = zip(taps, counts).map {
            KernelTable.aligned(VectorBank.depth($0.channels) * $1 + KernelTable.overread)
        }
        let rowBytes = counts.map { KernelTable.aligned(4 * $0) }
        let byteCount = codeBytes.reduce(0, +) + rowBytes.reduce(0, +)
        let memory: Memory
        do { memory = try Memory(byteCount: byteCount) } catch { throw .outOfMemory(bytes: byteCount) }
        var next = unsafe memory.base
        var rows: [QueryRows] = unsafe []
        for index in taps.indices {
            let codes = unsafe next.assumingMemoryBound(to: UInt8.self)
            let scales = unsafe (next + codeBytes[index]).assumingMemoryBound(to: Float.self)
            unsafe codes.update(repeating: UInt8(QueryRows.zero), count: codeBytes[index])
            unsafe rows.append(QueryRows(codes: codes, scales: scales, count: counts[index]))
            unsafe next += codeBytes[index] + rowBytes[index]
        }
        return unsafe (memory, rows)
    }

    /// Brings each tap's map of floats to codes. The padding of `rows` stays 128.
    private static func calls(
        _ network: TrunkNetwork, _ taps: [PatchTap], to rows: [QueryRows], _ kernels: KernelTable
    ) -> [KernelCall] {
        taps.indices.map { index in
            let tap = taps[index]
            // A map with a row for each patch, which the network keeps.
            let (values, stride) = unsafe network.map(tap.output)
            return unsafe .unitRows(
                kernels, values + tap.tokens * stride, width: tap.channels, stride: stride, to: rows[index],
                depth: VectorBank.depth(tap.channels))
        }
    }
}
