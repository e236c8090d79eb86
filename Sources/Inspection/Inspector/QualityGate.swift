import Imaging
import Kernels
import Platform

/// What a frame has to be like to be judged at all: `min_mean`, `max_mean` and `min_sharpness` of a camera.
package struct QualityLimits: Hashable, Sendable {
    /// Grey levels, 0...255, of the mean of the frame.
    package var minimumMean: Double
    package var maximumMean: Double
    /// Variance of the Laplacian; 0 asks for none.
    package var minimumSharpness: Double

    package init(minimumMean: Double, maximumMean: Double, minimumSharpness: Double) {
        (self.minimumMean, self.maximumMean) = (minimumMean, maximumMean)
        self.minimumSharpness = minimumSharpness
    }

    /// Every frame passes.
    package static let off = QualityLimits(minimumMean: 0, maximumMean: 255, minimumSharpness: 0)

    /// Whether every frame passes.
    package var isOff: Bool { minimumMean <= 0 && maximumMean >= 255 && minimumSharpness <= 0 }
}

/// Tells frames that are too dark, too bright or out of focus from those that can be judged.
///
/// It looks at the green of the frame at no more than 640 pixels a side: the variance of the Laplacian (Pech-Pacheco
/// et al., "Diatom autofocusing in brightfield microscopy", 2000) is of that picture.
@safe
final class QualityGate {
    private let limits: QualityLimits
    private let plan: CameraPlan
    private let kernels: KernelTable
    private let pixels: Memory
    private let scratch: Memory

    /// Throws if there is no memory.
    init(_ limits: QualityLimits, format: PixelFormat, frame: Size, kernels: KernelTable) throws {
        self.limits = limits
        self.kernels = kernels
        let share = min(1, 640 / Double(max(frame.width, frame.height)))
        let output = Size(
            width: max(3, Int(Double(frame.width) * share)), height: max(3, Int(Double(frame.height) * share))
        )
        plan = try CameraPlan(
            format: format, frame: frame, crop: Region(all: frame), output: output, range: .limited,
            scale: SIMD3(repeating: 1), offset: .zero)
        pixels = try Memory(byteCount: plan.outputByteCount)
        scratch = try Memory(byteCount: max(64, plan.scratchByteCount))
    }

    /// Whether `view` can be judged. Allocation-free.
    func passes(_ view: ImageView) -> Bool {
        let mean = mean(of: view)
        guard mean >= limits.minimumMean, mean <= limits.maximumMean else { return false }
        return limits.minimumSharpness <= 0 || sharpness >= limits.minimumSharpness
    }

    /// The mean of the green of `view`, in grey levels. Allocation-free.
    func mean(of view: ImageView) -> Double {
        let size = plan.output
        // Both buffers are as large as the plan asks for, and this thread's alone.
        unsafe plan.convert(
            view, rows: 0..<size.height,
            into: UnsafeMutableRawBufferPointer(start: pixels.base, count: pixels.byteCount),
            scratch: UnsafeMutableRawBufferPointer(start: scratch.base, count: scratch.byteCount),
            with: kernels)
        let green = unsafe pixels.base.assumingMemoryBound(to: UInt8.self) + 1
        var sum = 0
        for index in 0..<size.pixelCount { unsafe sum += Int(green[3 * index]) }
        return Double(sum) / Double(size.pixelCount)
    }

    /// The variance of the Laplacian of the view that was looked at last. Allocation-free.
    var sharpness: Double {
        let size = plan.output
        // Filled by `mean`, this thread's alone.
        let green = unsafe pixels.base.assumingMemoryBound(to: UInt8.self) + 1
        var total = 0, squares = 0
        for y in 1..<size.height - 1 {
            for x in 1..<size.width - 1 {
                let at = 3 * (y * size.width + x), row = 3 * size.width
                // Inside: the outermost rows and columns are left out.
                let sides = unsafe Int(green[at - 3]) + Int(green[at + 3])
                let ends = unsafe Int(green[at - row]) + Int(green[at + row])
                let value = unsafe sides + ends - 4 * Int(green[at])
                total += value
                squares += value * value
            }
        }
        let count = Double((size.width - 2) * (size.height - 2))
        return Double(squares) / count - (Double(total) / count) * (Double(total) / count)
    }
}
