/// The directions along which vectors differ most, fitted once and applied to others (principal components).
package struct PrincipalPlane {
    package let mean: [Float]
    /// `[count, width]`, orthonormal rows.
    package let axes: [Float]
    package let count: Int
    package var width: Int { mean.count }

    /// Fits the first `count` components, or as many as there are, to `points`, `[n, width]`.
    package init(_ points: [Float], width: Int, count: Int) {
        let n = points.count / width
        var mean = [Float](repeating: 0, count: width)
        for row in 0..<n { for index in 0..<width { mean[index] += points[row * width + index] / Float(n) } }
        let workspace = Workspace<Float>()
        let centred = workspace.borrow(n * width), scatter = workspace.borrow(width * width)
        for row in 0..<n {
            for index in 0..<width {
                centred[row * width + index] = points[row * width + index] - mean[index]
            }
        }
        let matrix = Matrix(centred, n, width)
        matrixProduct(matrix.transposed, matrix, into: Matrix(scatter, width, width), alpha: 1 / Float(n))
        let kept = min(count, width, n)
        self.mean = mean
        self.count = kept
        axes = Self.subspace(Matrix(scatter, width, width), kept, width, workspace)
    }

    /// Orthogonal iteration: the subspace turns towards the components by the ratio of neighbouring variances.
    private static func subspace(
        _ scatter: Matrix<Float>, _ kept: Int, _ width: Int, _ workspace: Workspace<Float>
    ) -> [Float] {
        var random = RandomNumbers(seed: 1, stream: "components")
        var axes = (0..<kept * width).map { _ in Float(random.nextNormal()) }
        orthonormalise(&axes, kept, width)
        let old = workspace.borrow(kept * width), new = workspace.borrow(kept * width)
        for _ in 0..<60 {
            old.copy(axes)
            matrixProduct(Matrix(old, kept, width), scatter, into: Matrix(new, kept, width))
            axes = new.array
            orthonormalise(&axes, kept, width)
        }
        return axes
    }

    /// Gram and Schmidt, twice for the sake of rounding; axes without a length of their own become zero.
    private static func orthonormalise(_ axes: inout [Float], _ count: Int, _ width: Int) {
        func dot(_ a: Int, _ b: Int) -> Double {
            var sum = 0.0
            for index in 0..<width {
                sum += Double(axes[a * width + index]) * Double(axes[b * width + index])
            }
            return sum
        }
        for axis in 0..<count {
            let before = dot(axis, axis).squareRoot()
            for _ in 0..<2 {
                for other in 0..<axis {
                    let part = Float(dot(axis, other))
                    for index in 0..<width {
                        axes[axis * width + index] -= part * axes[other * width + index]
                    }
                }
            }
            let length = dot(axis, axis).squareRoot()
            let factor = length > 1e-6 * before && length > 0 ? Float(1 / length) : 0
            for index in 0..<width { axes[axis * width + index] *= factor }
        }
    }

    /// `points` in the coordinates of the components: `[n, count]`.
    package func projected(_ points: [Float]) -> [Float] {
        let n = points.count / width
        let workspace = Workspace<Float>()
        let centred = workspace.borrow(n * width), basis = workspace.borrow(count * width)
        let result = workspace.borrow(n * count)
        for row in 0..<n {
            for index in 0..<width {
                centred[row * width + index] = points[row * width + index] - mean[index]
            }
        }
        basis.copy(axes)
        matrixProduct(
            Matrix(centred, n, width), Matrix(basis, count, width).transposed, into: Matrix(result, n, count))
        return result.array
    }
}
