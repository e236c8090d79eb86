package import Kernels

/// The matrix W and the bias b that turn given rows into wanted results with the least squared error.
///
/// With rows x, results y and a first guess W0: W = W0 + (Cyx - W0 Cxx) (Cxx + r I)^-1, C the covariances, r
/// `ridge` times the mean variance of x: what the rows do not tell clearly stays as guessed.
package struct LinearFit {
    package let depth: Int
    package let columns: Int
    private let kernels: KernelTable
    /// Rows counted in.
    package private(set) var count = 0
    private var rowSums: [Double]
    private var resultSums: [Double]
    /// `[depth, depth]` and `[columns, depth]`, sums.
    private var squares: [Double]
    private var products: [Double]

    package init(depth: Int, columns: Int, kernels: KernelTable) {
        (self.depth, self.columns, self.kernels) = (depth, columns, kernels)
        rowSums = [Double](repeating: 0, count: depth)
        resultSums = [Double](repeating: 0, count: columns)
        squares = [Double](repeating: 0, count: depth * depth)
        products = [Double](repeating: 0, count: columns * depth)
    }

    /// Counts in rows `[n, depth]` and what they should become, `[n, columns]`.
    package mutating func add(_ rows: [Float], _ results: [Float]) {
        let n = rows.count / depth
        precondition(
            rows.count == n * depth && results.count == n * columns, "\(rows.count), \(results.count)")
        let x = Self.transposed(rows, width: depth), y = Self.transposed(results, width: columns)
        Self.add(&rowSums, sumsOf: x, length: n)
        Self.add(&resultSums, sumsOf: y, length: n)
        let product = FloatProduct(x, bias: nil, columns: depth, depth: n)
        add(product, of: x, count: depth, length: n, to: &squares)
        add(product, of: y, count: columns, length: n, to: &products)
        count += n
    }

    /// E[x], `[depth]`.
    package var rowMean: [Float] { rowSums.map { Float($0 / Double(max(count, 1))) } }

    /// E[y], `[columns]`.
    package var resultMean: [Float] { resultSums.map { Float($0 / Double(max(count, 1))) } }

    /// E[x x^T], `[depth, depth]`.
    package var secondMoment: [Float] { squares.map { Float($0 / Double(max(count, 1))) } }

    /// W, `[columns, depth]`, from the guess `first`.
    package func weights(first: [Float], ridge: Double) -> [Float] {
        let n = Double(max(count, 1))
        var covariance = squares.indices.map { place in
            squares[place] / n - rowSums[place / depth] * rowSums[place % depth] / (n * n)
        }
        // Cyx - W0 Cxx, row by row.
        var residues = products.indices.map { place in
            products[place] / n - resultSums[place / depth] * rowSums[place % depth] / (n * n)
        }
        unsafe residues.withUnsafeMutableBufferPointer { residues in
            unsafe covariance.withUnsafeMutableBufferPointer { covariance in
                for place in first.indices where first[place] != 0 {
                    let (row, k) = (place / depth, place % depth)
                    unsafe Self.add(
                        -Double(first[place]), covariance.baseAddress! + k * depth,
                        to: residues.baseAddress! + row * depth, count: depth)
                }
            }
        }
        let trace = (0..<depth).reduce(0.0) { $0 + covariance[$1 * depth + $1] }
        let extra = max(trace / Double(depth) * ridge, 1e-12)
        for k in 0..<depth { covariance[k * depth + k] += extra }
        unsafe covariance.withUnsafeMutableBufferPointer { covariance in
            unsafe residues.withUnsafeMutableBufferPointer { residues in
                unsafe Self.solve(covariance.baseAddress!, depth, residues.baseAddress!, columns)
            }
        }
        return residues.indices.map { first[$0] + Float(residues[$0]) }
    }

    /// Replaces each row b of `rights` `[count, n]` by the solution of A x = b, A `[n, n]` symmetric and
    /// positive definite; A is used up.
    private static func solve(
        _ a: UnsafeMutablePointer<Double>, _ n: Int, _ rights: UnsafeMutablePointer<Double>, _ count: Int
    ) {
        // A = L D L^T; what is left in its upper half is D L^T.
        for k in 0..<n {
            let source = unsafe a + k * n, pivot = unsafe source[k]
            for i in k + 1..<max(n, k + 1) {
                unsafe add(-source[i] / pivot, source + i, to: a + i * n + i, count: n - i)
            }
        }
        for row in 0..<count {
            let b = unsafe rights + row * n
            for k in 0..<n {
                let source = unsafe a + k * n, value = unsafe b[k] / source[k]
                unsafe add(-value, source + k + 1, to: b + k + 1, count: n - k - 1)
                unsafe b[k] = value
            }
            for k in stride(from: n - 1, through: 0, by: -1) {
                let source = unsafe a + k * n
                var sum = 0.0
                for i in k + 1..<max(n, k + 1) { unsafe sum += source[i] * b[i] }
                unsafe b[k] -= sum / source[k]
            }
        }
    }

    /// target += factor * source
    private static func add(
        _ factor: Double, _ source: UnsafeMutablePointer<Double>, to target: UnsafeMutablePointer<Double>,
        count: Int
    ) {
        guard factor != 0 else { return }
        for i in 0..<count { unsafe target[i] += factor * source[i] }
    }

    /// `[n, width]` as `[width, n]`.
    private static func transposed(_ values: [Float], width: Int) -> [Float] {
        let n = values.count / width
        var result = [Float](repeating: 0, count: values.count)
        for i in 0..<n {
            for k in 0..<width { result[k * n + i] = values[i * width + k] }
        }
        return result
    }

    private static func add(_ sums: inout [Double], sumsOf rows: [Float], length: Int) {
        for k in sums.indices {
            for i in 0..<length { sums[k] += Double(rows[k * length + i]) }
        }
    }

    /// Adds the products of `rows` `[count, length]` with those of `product` to `sums`.
    private func add(
        _ product: FloatProduct, of rows: [Float], count: Int, length: Int, to sums: inout [Double]
    ) {
        let rows = FloatBuffer(rows), out = FloatBuffer(count: count * depth)
        unsafe product.multiply(
            FloatProduct.Rows(matrix: rows.base, count: count, depth: length, stride: length),
            to: out.base, outStride: depth, kernels: kernels)
        for i in sums.indices { unsafe sums[i] += Double(out.base[i]) }
    }
}
