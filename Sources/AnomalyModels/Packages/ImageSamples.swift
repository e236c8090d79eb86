package import Imaging
import Kernels

/// Pictures for calibration and comparison: those of a folder, or procedural ones.
package enum ImageSamples: Sendable {
    /// Paths of image files.
    case files([String])
    case patterns

    /// The image files in `folder`. Throws `ImagingError` if it cannot be read or has none.
    package init(folder: String) throws(ImagingError) {
        self = .files(try ImageFolder.images(in: folder))
    }

    /// What a manifest calls them.
    package var description: String {
        switch self {
        case .files(let paths): "\(paths.count) image files"
        case .patterns: "procedural patterns, seed \(Self.seed)"
        }
    }

    /// Calibration images: all files but the held-back ones, at most 512, or 256 patterns.
    package var calibrationCount: Int {
        switch self {
        case .files(let paths): min(max(1, paths.count - heldBackCount), 512)
        case .patterns: 256
        }
    }

    /// Images that are only compared on.
    package var heldBackCount: Int {
        switch self {
        case .files(let paths): paths.count < 2 ? 1 : min(16, max(1, paths.count / 5))
        case .patterns: 16
        }
    }

    /// Calibration image `index`, RGB `[side, side, 3]`. Throws if its file cannot be read.
    package func calibrationImage(_ index: Int, side: Int) throws(ImagingError) -> [UInt8] {
        guard case .files(let paths) = self else { return try image(index, side: side) }
        // Spread over the folder, whose names often sort by kind.
        return try image(index * max(1, paths.count - heldBackCount) / calibrationCount, side: side)
    }

    /// Held-back image `index`, RGB `[side, side, 3]`. Throws if its file cannot be read.
    package func heldBackImage(_ index: Int, side: Int) throws(ImagingError) -> [UInt8] {
        switch self {
        case .files(let paths): try image(paths.count - 1 - index, side: side)
        case .patterns: PatternImages(seed: Self.seed &+ 1, width: side, height: side).image(index)
        }
    }

    private func image(_ index: Int, side: Int) throws(ImagingError) -> [UInt8] {
        switch self {
        case .files(let paths): try RGBImage(contentsOf: paths[index]).square(side)
        case .patterns: PatternImages(seed: Self.seed, width: side, height: side).image(index)
        }
    }

    private static let seed: UInt64 = 1
}

extension RGBImage {
    /// The middle square as `[side, side, 3]`, by the kernel that a camera's frames go through.
    func square(_ side: Int) throws(ImagingError) -> [UInt8] {
        let extent = min(size.width, size.height)
        let middle = Region(
            x: (size.width - extent) / 2, y: (size.height - extent) / 2, width: extent, height: extent)
        let plan = try CameraPlan(
            format: .rgb24, frame: size, crop: middle, output: Size(width: side, height: side), range: .full,
            scale: SIMD3(repeating: 1), offset: .zero)
        return withView { plan.tensor(of: $0, with: KernelTable(.best)) }
    }
}
