import Kernels
import Platform

/// Buffers of floats for kernels, one behind the other, each with room for what kernels read behind it, and scratch.
@safe
final class FloatBuffers {
    private let memory: Memory
    private let places: [UnsafeMutablePointer<Float>]
    let scratch: UnsafeMutableRawPointer

    /// Room for `counts` floats and `scratchBytes` bytes, all 0. Throws if there is none.
    init(_ counts: [Int], scratchBytes: Int) throws(PlatformError) {
        let sizes = counts.map { KernelTable.aligned(4 * $0 + KernelTable.overread) }
        let scratchSize = KernelTable.aligned(scratchBytes)
        memory = try Memory(byteCount: scratchSize + sizes.reduce(0, +))
        unsafe scratch = memory.base
        var next = unsafe memory.base + scratchSize
        var places: [UnsafeMutablePointer<Float>] = unsafe []
        for size in sizes {
            // The sizes add up to the bytes that were asked for.
            unsafe places.append(next.assumingMemoryBound(to: Float.self))
            unsafe next += size
        }
        unsafe self.places = unsafe places
    }

    subscript(index: Int) -> UnsafeMutablePointer<Float> { unsafe places[index] }

    /// Writes `matrix`, `[rows, columns]`, to `target` as `[columns, rows]`: what a float product multiplies with.
    static func transpose(_ matrix: [Float], rows: Int, to target: UnsafeMutablePointer<Float>) {
        let columns = matrix.count / rows
        for row in 0..<rows {
            // The target has as many places as the matrix.
            for column in 0..<columns { unsafe target[column * rows + row] = matrix[row * columns + column] }
        }
    }
}
