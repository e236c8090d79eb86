import Imaging
import Inference
import Kernels
import ModelPackages
import Platform

/// The margins of a tower's tokens for one class, and what the image says as a whole.
///
/// All of it is float32 by loops and products of a fixed order: the same bits on every instruction set.
@safe
final class PromptedMargin {
    /// m of each token, row-major, of the last run.
    let margins: UnsafeMutablePointer<Float>
    private let head: PromptedHead
    private let count: Int
    private let width: Int
    private let memory: Memory
    private let scratch: UnsafeMutableRawPointer
    /// F_P of each tap, in the arena of the session.
    private let tokens: [UnsafePointer<Float>]
    private let condition: UnsafePointer<Float>
    private let image: UnsafePointer<Float>
    /// What each tap says, before the mean.
    private let said: [UnsafeMutablePointer<Float>]
    /// F_A - F_N, over τ: one column of a matrix.
    private let direction: UnsafeMutablePointer<Float>
    private let stride = KernelTable.padded(1)
    private let columns: ColumnPair
    private let fusing: FusedPatches
    private let topMean: TopMean
    /// The margins that count for the image.
    private let seen: UnsafeMutablePointer<Float>
    private let products: [KernelCall]

    /// Throws `weights` if there is no memory.
    init(
        _ head: PromptedHead, _ classColumns: ClassColumns, on trunk: PatchTrunk, tokens count: Int,
        kernels: KernelTable
    ) throws(ModelError) {
        (self.head, self.count, width) = (head, count, head.layout.embeddingWidth)
        columns = ColumnPair(head, classColumns)
        topMean = TopMean(count: count)
        let taps = head.layout.taps.count
        let floats = [width * stride, count, count] + Array(repeating: count, count: taps)
        let places = floats.map { KernelTable.aligned(4 * $0 + KernelTable.overread) }
        let scratchBytes = 4096
        do {
            memory = try Memory(byteCount: scratchBytes + places.reduce(0, +))
            fusing = try FusedPatches(
                SemanticFusion(head.fusion, patches: count, width: width), patches: count)
        } catch {
            throw .weights(directory: trunk.directory, .outOfMemory(bytes: places.reduce(0, +)))
        }
        unsafe scratch = memory.base
        var next = unsafe memory.base + scratchBytes
        var buffers: [UnsafeMutablePointer<Float>] = unsafe []
        for place in places {
            // Each buffer has room for its floats and what kernels read behind them.
            unsafe buffers.append(next.assumingMemoryBound(to: Float.self))
            unsafe next += place
        }
        unsafe (direction, margins, seen) = unsafe (buffers[0], buffers[1], buffers[2])
        unsafe said = Array(buffers[3...])
        unsafe tokens = head.layout.taps.map { unsafe trunk.output("prompts.tap\($0)") }
        unsafe condition = trunk.output("prompts.condition")
        unsafe image = trunk.output("prompts.image")
        let (tokens, direction, said) = unsafe (self.tokens, self.direction, self.said)
        let (width, stride) = (width, stride)
        products = unsafe tokens.indices.map { tap in
            unsafe .floatProduct(
                kernels, tokens[tap], rows: count, depth: width, weight: direction, stride: stride,
                columns: 1,
                out: said[tap])
        }
    }

    deinit {
        for call in products { call.destroy() }
    }

    /// Fills the margins from the tokens of the session's last run. Allocation-free.
    func run() {
        unsafe columns.fill(direction, stride: stride, condition: condition, temperature: head.temperature)
        for call in products { unsafe call.run(0..<call.unitCount, scratch: scratch) }
        let share = 1 / Float(unsafe said.count)
        for token in 0..<count {
            var sum: Float = 0
            for tap in unsafe said.indices { unsafe sum += said[tap][token] }
            unsafe margins[token] = sum * share
        }
    }

    /// S of the tokens that `isLooked` lets count; 0 if none counts. Allocation-free.
    func score(where isLooked: (Int) -> Bool) -> Float {
        var looked = 0
        for token in 0..<count {
            let counts = isLooked(token)
            looked += counts ? 1 : 0
            unsafe seen[token] = counts ? margins[token] : -.infinity
        }
        guard looked > 0 else { return 0 }
        let peak = unsafe topMean.of(seen, looked: looked)
        let whole =
            head.fusion == .off
            ? unsafe dot(image)
            : unsafe dot(fusing.image(image, tokens: tokens, margins: seen, looked: looked))
        return whole + head.peakWeight * peak
    }

    private func dot(_ vector: UnsafePointer<Float>) -> Float {
        var sum: Float = 0
        // `direction` has a row of `stride` for each of `width`, `vector` one number.
        for index in 0..<width { unsafe sum += vector[index] * direction[index * stride] }
        return sum
    }
}

/// The columns of a class, and how an image changes them.
struct ColumnPair {
    private let normal, abnormal: [Float]
    private let normalWeight, abnormalWeight: [Float]

    init(_ head: PromptedHead, _ columns: ClassColumns) {
        (normal, abnormal) = head.columns(columns)
        (normalWeight, abnormalWeight) = (head["columns.normal.weight"], head["columns.abnormal.weight"])
    }

    /// Writes (F_A - F_N) / τ, an element each `stride` floats. Allocation-free.
    func fill(
        _ direction: UnsafeMutablePointer<Float>, stride: Int, condition: UnsafePointer<Float>,
        temperature: Float
    ) {
        var bent = SIMD16<Float>()
        // `condition` has `PromptLayout.conditionWidth` = 16 numbers.
        for index in 0..<16 { unsafe bent[index] = Self.tanh(condition[index]) }
        let (a, n) = (length(abnormal, abnormalWeight, bent), length(normal, normalWeight, bent))
        for index in normal.indices {
            let difference =
                value(abnormal, abnormalWeight, bent, index) / a - value(normal, normalWeight, bent, index)
                / n
            // `direction` has as many rows of `stride` as the columns have numbers.
            unsafe direction[index * stride] = difference / temperature
        }
    }

    private func value(_ column: [Float], _ weight: [Float], _ bent: SIMD16<Float>, _ index: Int) -> Float {
        var sum = column[index]
        for place in 0..<16 { sum += weight[index * 16 + place] * bent[place] }
        return sum
    }

    private func length(_ column: [Float], _ weight: [Float], _ bent: SIMD16<Float>) -> Float {
        var square: Float = 0
        for index in column.indices {
            let value = value(column, weight, bent, index)
            square += value * value
        }
        return max(square.squareRoot(), 1e-12)
    }

    /// To about six digits, the same on every machine.
    static func tanh(_ x: Float) -> Float {
        let e = DefectEmbedder.exponential(-2 * abs(x)), value = (1 - e) / (1 + e)
        return x < 0 ? -value : value
    }
}
