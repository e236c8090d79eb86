import Testing
import Training

struct MatrixProductTests {
    @Test(
        "a product equals the sum of its definition, however its factors lie",
        arguments: [(false, false), (true, false), (false, true), (true, true)])
    func definition(isLeftTransposed: Bool, isRightTransposed: Bool) {
        let (m, n, k) = (5, 7, 3)
        let left = (0..<m * k).map { Float(($0 * 7 + 3) % 11) - 5 }
        let right = (0..<k * n).map { Float(($0 * 5 + 1) % 13) - 6 }
        var result = [Float](repeating: 2, count: m * n)
        let product = MatrixProduct(
            rowCount: m, columnCount: n, depth: k, isLeftTransposed: isLeftTransposed,
            isRightTransposed: isRightTransposed)
        // The pointers do not leave the closures, and the arrays have the sizes of the product.
        unsafe left.withUnsafeBufferPointer { a in
            unsafe right.withUnsafeBufferPointer { b in
                unsafe result.withUnsafeMutableBufferPointer { c in
                    unsafe product(a, b, into: c, alpha: 2, beta: 0.5)
                }
            }
        }
        for row in 0..<m {
            for column in 0..<n {
                var sum: Float = 0
                for index in 0..<k {
                    sum +=
                        left[isLeftTransposed ? index * m + row : row * k + index]
                        * right[isRightTransposed ? column * k + index : index * n + column]
                }
                #expect(result[row * n + column] == 2 * sum + 1)
            }
        }
    }
}
