package import Imaging
package import Inference
package import Kernels
package import ModelPackages
import Platform

/// A frozen EfficientNet-Lite that describes the patches of images of one size: pixels in, unit vectors in
/// int8 out, at stride 8, 16 and 32.
///
/// Each patch gets codes in -127...127, the largest of them 127 in magnitude; its length is computed from
/// the codes. So codes and lengths are the same on every instruction set, whatever the scale of the map.
@safe
package final class PatchTrunk {
    /// Width and height of the input in pixels, multiples of 32.
    package let size: Size
    package let taps: [PatchTap]
    /// The name and the digest of the package, which banks name, and its folder, which errors name.
    package let name: String
    package let digest: String
    let directory: String
    private let session: Session
    private let memory: Memory
    private let rows: [QueryRows]
    /// What makes `rows` of the maps, by tap.
    private let descriptions: [KernelCall]

    /// Compiles the trunk in `package` for images of `size`. Blocks.
    ///
    /// Throws `unknownArchitecture` if it is no EfficientNet-Lite, `inputSize` if `size` is not 64...4096
    /// in multiples of 32, `weights` if they do not fit.
    package init(_ package: ModelPackage, size: Size, kernels: KernelTable, pool: TensorPool)
        throws(ModelError)
    {
        guard case .efficientNetLite(let network) = try Network(of: package).architecture else {
            throw .unknownArchitecture(
                directory: package.directory, found: package.manifest.architecture,
                known: EfficientNetLite.allCases.map { "efficientnet-lite\($0.rawValue)" })
        }
        guard [size.width, size.height].allSatisfy({ 64...4096 ~= $0 && $0 % 32 == 0 }) else {
            throw .inputSize(found: "\(size) pixels", allowed: "multiples of 32 from 64 to 4096 pixels")
        }
        self.size = size
        (name, digest) = (package.manifest.name, package.digest.description)
        directory = package.directory
        taps = network.patchTaps
        let graph = network.graph(
            height: size.height, width: size.width, taps: taps.map(\.block), hasClassifier: false)
        do {
            session = try unsafe Session(
                CompiledModel(graph, weights: PackageSource(package), kernels: kernels), pool: pool)
            unsafe (memory, rows) = try unsafe Self.buffers(taps, size)
        } catch { throw .weights(directory: package.directory, error) }
        unsafe descriptions = Self.calls(session, taps, to: rows, kernels)
    }

    deinit {
        for call in descriptions { call.destroy() }
    }

    /// The patches of tap `index` across and down.
    package func grid(_ index: Int) -> Size {
        Size(width: size.width / taps[index].stride, height: size.height / taps[index].stride)
    }

    /// The codes of a vector of tap `index`: its channels and zeros up to whole lanes.
    package func depth(_ index: Int) -> Int { KernelTable.padded(taps[index].channels) }

    /// The input: u8 RGB `[height, width, 3]`. Written by the caller before `run`.
    package func withInput<Result>(_ body: (UnsafeMutableRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try unsafe session.withInput(body)
    }

    /// Describes the patches of the input. Allocation-free.
    package func run() {
        session.run()
        // Rows need no scratch; the call wants an address.
        for call in descriptions { unsafe call.run(0..<call.unitCount, scratch: memory.base) }
    }

    /// The patches of tap `index`, row-major from the top left; valid from a `run` to the next, as long as the
    /// trunk lives.
    package func patches(_ index: Int) -> QueryRows { unsafe rows[index] }

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
    /// Codes, scales and zero points for every tap.
    private static func buffers(
        _ taps: [PatchTap], _ size: Size
    ) throws(InferenceError) -> (Memory, [QueryRows]) {
        let counts = taps.map { size.pixelCount / ($0.stride * $0.stride) }
        let codeBytes = zip(taps, counts).map {
            KernelTable.aligned(KernelTable.padded($0.channels) * $1 + KernelTable.overread)
        }
        let rowBytes = counts.map { KernelTable.aligned(4 * $0) }
        let byteCount = codeBytes.reduce(0, +) + 2 * rowBytes.reduce(0, +)
        let memory: Memory
        do { memory = try Memory(byteCount: byteCount) } catch { throw .outOfMemory(bytes: byteCount) }
        var next = unsafe memory.base
        var rows: [QueryRows] = unsafe []
        for index in taps.indices {
            let codes = unsafe next.assumingMemoryBound(to: UInt8.self)
            let scales = unsafe (next + codeBytes[index]).assumingMemoryBound(to: Float.self)
            let zeros = unsafe (next + codeBytes[index] + rowBytes[index]).assumingMemoryBound(to: Int32.self)
            unsafe codes.update(repeating: 128, count: codeBytes[index])
            unsafe zeros.update(repeating: 128, count: counts[index])
            unsafe rows.append(QueryRows(codes: codes, scales: scales, zeros: zeros, count: counts[index]))
            unsafe next += codeBytes[index] + 2 * rowBytes[index]
        }
        return unsafe (memory, rows)
    }

    /// Brings each tap's map of floats to codes. The padding of `rows` stays 128.
    private static func calls(
        _ session: Session, _ taps: [PatchTap], to rows: [QueryRows], _ kernels: KernelTable
    ) -> [KernelCall] {
        taps.indices.map { index in
            let tap = taps[index]
            // A block ends in a projection without activation, whose map stays in float32.
            guard case .floats(let values, _, let stride) = unsafe session.rawOutput(tap.output) else {
                preconditionFailure("'\(tap.output)' is no map of floats")
            }
            return unsafe .unitRows(
                kernels, values, width: tap.channels, stride: stride, to: rows[index],
                depth: KernelTable.padded(tap.channels))
        }
    }
}
