internal import CKernels

// Rows of `Float` go through kernels in C, which are compiled for wide registers; Swift's own code is compiled for what
// every processor has. Each operator keeps its generic loop, which `Double` takes and against which the kernels are
// tested. Which of the two runs is settled when the operator is specialised.

/// The row kernels of this processor.
enum RowKernels {
    // Constants of the C library, good for as long as the process lives.
    nonisolated(unsafe) static let best: UnsafePointer<ct_kernels> = unsafe ct_kernels_best()
}

extension Cells {
    /// The cells if they are of `Float`, for kernels in C.
    @inline(__always)
    var floats: UnsafeMutablePointer<Float>? {
        // The same type under another name: just compared.
        Scalar.self == Float.self
            ? unsafe UnsafeMutableRawPointer(base).assumingMemoryBound(to: Float.self) : nil
    }
}

/// An activation that has a kernel of its own.
enum ActivationKernel {
    case gelu, quickGELU

    /// Writes the values at the cells `range` of `x` to `y`; false if `Scalar` has no kernels.
    @inline(__always)
    func write<Scalar: TrainingScalar>(_ x: Cells<Scalar>, to y: Cells<Scalar>, _ range: Range<Int>) -> Bool {
        let (from, to) = (x.part(range), y.part(range))
        guard let source = unsafe from.floats, let target = unsafe to.floats else { return false }
        // Both have `range.count` cells: just cut.
        switch self {
        case .gelu: unsafe RowKernels.best.pointee.gelu(source, target, range.count)
        case .quickGELU: unsafe RowKernels.best.pointee.quick_gelu(source, target, range.count)
        }
        return true
    }

    /// Writes or adds the gradients at the cells `range`; false if `Scalar` has no kernels.
    @inline(__always)
    func goBack<Scalar: TrainingScalar>(
        _ x: Cells<Scalar>, _ dy: Cells<Scalar>, _ dx: Cells<Scalar>, isNew: Bool, _ range: Range<Int>
    ) -> Bool {
        let (from, change, to) = (x.part(range), dy.part(range), dx.part(range))
        guard let x = unsafe from.floats, let dy = unsafe change.floats, let dx = unsafe to.floats else {
            return false
        }
        // All have `range.count` cells: just cut.
        let adds: Int32 = isNew ? 0 : 1
        switch self {
        case .gelu: unsafe RowKernels.best.pointee.gelu_back(x, dy, dx, range.count, adds)
        case .quickGELU: unsafe RowKernels.best.pointee.quick_gelu_back(x, dy, dx, range.count, adds)
        }
        return true
    }
}

/// The layer norm of rows of `Float`, as the kernels take it. Good for as long as the cells are.
@safe
struct NormKernel {
    // Points into cells that were held against each other when it was made.
    private var operands: ct_norm

    /// nil if `Scalar` has no kernels.
    ///
    /// - Precondition: `x` and `y` are rows of as many cells as `gain` and `bias`, `moments` has two for each.
    @inline(__always)
    init?<Scalar: TrainingScalar>(
        x: Cells<Scalar>, gain: Cells<Scalar>, bias: Cells<Scalar>, y: Cells<Scalar>, moments: Cells<Scalar>,
        epsilon: Scalar
    ) {
        guard let xs = unsafe x.floats, let gains = unsafe gain.floats, let biases = unsafe bias.floats,
            let ys = unsafe y.floats, let both = unsafe moments.floats
        else { return nil }
        let width = gain.count
        precondition(
            bias.count == width && y.count == x.count && moments.count * width == 2 * x.count,
            "norm of \(x.count) cells in rows of \(width)")
        unsafe operands = ct_norm(
            x: xs, gain: gains, bias: biases, y: ys, moments: both, dy: nil, dx: nil, gain_sums: nil,
            bias_sums: nil, width: width, epsilon: Float(epsilon), adds: 0)
    }

    /// Writes the normalised rows and their moments.
    @inline(__always)
    func write(_ rows: Range<Int>) {
        // Rows of what was held against each other at the beginning.
        unsafe withUnsafePointer(to: operands) {
            unsafe RowKernels.best.pointee.layer_norm($0, rows.lowerBound, rows.upperBound)
        }
    }

    /// For the way back, with the gradients that are wanted.
    ///
    /// - Precondition: `dy` and `dx` have as many cells as x, the others as gain.
    @inline(__always)
    mutating func setGradients<Scalar: TrainingScalar>(
        dy: Cells<Scalar>, dx: Cells<Scalar>?, isNew: Bool, gain: Cells<Scalar>?, bias: Cells<Scalar>?
    ) {
        unsafe operands.dy = UnsafePointer(dy.floats)
        let width = unsafe operands.width
        precondition((gain?.count ?? width) == width && (bias?.count ?? width) == width, "sums of \(width)")
        // Just checked, or the caller's promise.
        unsafe operands.dx = dx?.floats
        unsafe operands.adds = isNew ? 0 : 1
        unsafe operands.gain_sums = gain?.floats
        unsafe operands.bias_sums = bias?.floats
    }

    /// Writes or adds dx of these rows.
    @inline(__always)
    func goBack(_ rows: Range<Int>) {
        // As above; `setGradients` was called.
        unsafe withUnsafePointer(to: operands) {
            unsafe RowKernels.best.pointee.layer_norm_back($0, rows.lowerBound, rows.upperBound)
        }
    }

    /// Adds the sums over `rows` rows of these columns.
    @inline(__always)
    func addSums(rows: Int, _ columns: Range<Int>) {
        // As above.
        unsafe withUnsafePointer(to: operands) {
            unsafe RowKernels.best.pointee.layer_norm_sums($0, rows, columns.lowerBound, columns.upperBound)
        }
    }
}
