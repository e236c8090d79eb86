/// How many rows or columns of nothing surround a picture.
public enum Padding: Sendable, Hashable {
    /// out = ⌈in / stride⌉; of the total max((out-1)·stride + k - in, 0) the smaller half comes first. For even
    /// sizes and stride 2 it is asymmetric, as TensorFlow and EfficientNet have it.
    case same
    /// The same number on every side.
    case plain(Int)
}

/// The geometry of a window that moves over pictures `[N, H, W, C]`.
struct Window {
    let height: Int
    let width: Int
    let channels: Int
    let kernelHeight: Int
    let kernelWidth: Int
    let stride: Int
    let outHeight: Int
    let outWidth: Int
    /// The rows and columns of nothing before the picture.
    let top: Int
    let left: Int

    /// - Precondition: the window fits the padded picture.
    init(over shape: [Int], kernel: (Int, Int), stride: Int, padding: Padding) {
        precondition(shape.count == 4 && stride > 0, "a window over \(shape)")
        (height, width, channels) = (shape[1], shape[2], shape[3])
        (kernelHeight, kernelWidth) = kernel
        self.stride = stride
        func along(_ size: Int, _ k: Int) -> (out: Int, before: Int) {
            switch padding {
            case .same:
                let out = (size + stride - 1) / stride
                return (out, max((out - 1) * stride + k - size, 0) / 2)
            case .plain(let padding): return ((size + 2 * padding - k) / stride + 1, padding)
            }
        }
        (outHeight, top) = along(height, kernelHeight)
        (outWidth, left) = along(width, kernelWidth)
        precondition(outHeight > 0 && outWidth > 0, "a window \(kernel) over \(shape)")
    }

    /// The rows of the picture that lie under the window at row `y`: rows of the kernel.
    func kernelRows(at y: Int) -> Range<Int> {
        let start = y * stride - top
        return max(0, -start)..<max(max(0, -start), min(kernelHeight, height - start))
    }

    /// The same of columns.
    func kernelColumns(at x: Int) -> Range<Int> {
        let start = x * stride - left
        return max(0, -start)..<max(max(0, -start), min(kernelWidth, width - start))
    }
}
