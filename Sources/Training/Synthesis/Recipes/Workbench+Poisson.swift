import Imaging

// Patches of good pictures laid in so that no edge shows: natural synthetic anomalies (Schlüter et al. 2022,
// section 3), with the sizes of PCSNet.

extension Workbench {
    private enum Laying: CaseIterable {
        /// As it is.
        case swap
        /// Mixed with what was there.
        case uniform
        /// With its own gradients (Pérez, Gangnet and Blake 2003, equation 3).
        case plain
        /// With the stronger gradient of both at each place (equation 12).
        case mixed
    }

    /// One to three patches, all laid in one way: swapped, mixed, or seamless with plain or mixed gradients.
    mutating func poisson() -> [UInt8]? {
        guard min(size.width, size.height) >= 8 else { return nil }
        let laying = random.choice(Laying.allCases)
        let share = random.uniform(0.05, 0.95)
        var result = picture
        var count = 0
        for _ in 0..<3 {
            if count > 0, !random.chance(0.5) { break }
            guard let patch = patch() else { continue }
            result = laid(patch, into: result, laying, share)
            count += 1
        }
        return count > 0 ? result.levels : nil
    }

    /// A patch and where it goes.
    private struct Patch {
        let left: Int
        let top: Int
        let width: Int
        let height: Int
        /// The patch with one pixel more on each side, `[height + 2, width + 2]`.
        let pixels: [SIMD4<Float>]
    }

    private mutating func patch() -> Patch? {
        let width = side(size.width), height = side(size.height)
        guard let (left, top) = place(width, height) else { return nil }
        let isOther = !sources.normals.isEmpty && random.chance(0.5)
        let source =
            isOther
            ? random.choice(sources.normals).converted(toChannels: picture.channelCount) : picture
        let scaling = min(max(random.normal(mean: 1, deviation: 0.5), 0.7), 1.3)
        let step = min(
            1 / scaling, Float(source.size.width - 1) / Float(width + 1),
            Float(source.size.height - 1) / Float(height + 1))
        let spanX = step * Float(width + 1), spanY = step * Float(height + 1)
        for _ in 0..<10 {
            let x = random.uniform(0, Float(source.size.width - 1) - spanX)
            let y = random.uniform(0, Float(source.size.height - 1) - spanY)
            if !isOther, !overlaps(x, y, step, left, top, width, height) { continue }
            var pixels: [SIMD4<Float>] = []
            pixels.reserveCapacity((width + 2) * (height + 2))
            for row in 0..<height + 2 {
                for column in 0..<width + 2 {
                    pixels.append(source.sample(x + step * Float(column), y + step * Float(row)))
                }
            }
            return Patch(left: left, top: top, width: width, height: height, pixels: pixels)
        }
        return nil
    }

    /// Twice (0.03 + gamma(2, 0.05)) of `length`, the half in 0.01...0.4, with a pixel left at both borders.
    private mutating func side(_ length: Int) -> Int {
        let half = min(max(0.03 + random.gamma2(scale: 0.05), 0.01), 0.4)
        return min(max(Int(2 * half * Float(length)), 3), length - 2)
    }

    /// A place with the object in at least 0.7 of the patch; nil if 20 draws found none.
    private mutating func place(_ width: Int, _ height: Int) -> (left: Int, top: Int)? {
        for _ in 0..<20 {
            let left = random.whole(1...size.width - width - 1)
            let top = random.whole(1...size.height - height - 1)
            guard let foreground else { return (left, top) }
            var count = 0
            for y in top..<top + height {
                for x in left..<left + width where foreground.pixels[y * size.width + x] { count += 1 }
            }
            if 10 * count >= 7 * width * height { return (left, top) }
        }
        return nil
    }

    /// Whether at least a quarter of the patch shows the object both where it comes from and where it goes.
    private func overlaps(
        _ x: Float, _ y: Float, _ step: Float, _ left: Int, _ top: Int, _ width: Int, _ height: Int
    ) -> Bool {
        guard let foreground else { return true }
        var count = 0
        for row in 0..<height {
            for column in 0..<width where foreground.pixels[(top + row) * size.width + left + column] {
                let from =
                    Int(y + step * Float(row + 1)) * size.width + Int(x + step * Float(column + 1))
                if foreground.pixels[from] { count += 1 }
            }
        }
        return 4 * count >= width * height
    }

    private func laid(_ patch: Patch, into target: Picture, _ laying: Laying, _ share: Float) -> Picture {
        var levels = target.levels
        let wide = patch.width + 2
        var values = patch.pixels
        if laying == .plain || laying == .mixed {
            var below: [SIMD4<Float>] = []
            below.reserveCapacity(values.count)
            for y in 0..<patch.height + 2 {
                for x in 0..<wide {
                    below.append(target.pixel((patch.top + y - 1) * size.width + patch.left + x - 1))
                }
            }
            values = PoissonEquation.solved(
                patch: values, target: below, width: wide, height: patch.height + 2,
                mixesGradients: laying == .mixed)
        }
        for y in 0..<patch.height {
            for x in 0..<patch.width {
                let pixel = (patch.top + y) * size.width + patch.left + x
                var value = values[(y + 1) * wide + x + 1]
                if laying == .uniform {
                    let old = target.pixel(pixel)
                    value = old + (value - old) * share
                }
                levels.setPixel(pixel, picture.channelCount, value)
            }
        }
        return Picture(size: size, channelCount: picture.channelCount, levels: levels)
    }
}

/// The Poisson equation on a rectangle: the picture whose gradients are as near as can be to given ones, with the
/// target's own pixels around it (Pérez, Gangnet and Blake 2003).
enum PoissonEquation {
    private static let sweepCount = 200
    private static let relaxation: Float = 1.9
    private static let tolerance: Float = 0.1

    /// The solution by successive over-relaxation with a factor of 1.9: the pixels of one colour of a chessboard,
    /// then those of the other, so that the order within a colour does not matter; 200 times, or until no pixel is
    /// more than 0.1 from the mean that it shall have.
    ///
    /// `patch`, `target` and the result are `[height, width]`; the outermost pixels of the result are the target's.
    /// - Precondition: both have `width * height` elements; sides are at least 3.
    static func solved(
        patch: [SIMD4<Float>], target: [SIMD4<Float>], width: Int, height: Int, mixesGradients: Bool
    ) -> [SIMD4<Float>] {
        precondition(
            patch.count == width * height && target.count == patch.count && width > 2 && height > 2,
            "a patch of \(width)x\(height)")
        var divergence = [SIMD4<Float>](repeating: .zero, count: patch.count)
        for y in 1..<height - 1 {
            for index in y * width + 1..<(y + 1) * width - 1 {
                for next in [index - 1, index + 1, index - width, index + width] {
                    let own = patch[index] - patch[next]
                    guard mixesGradients else {
                        divergence[index] += own
                        continue
                    }
                    let other = target[index] - target[next]
                    divergence[index] += own.replacing(with: other, where: other * other .> own * own)
                }
                divergence[index] *= 0.25
            }
        }
        var result = started(patch, target, width, height)
        for _ in 0..<sweepCount {
            let first = sweep(&result, divergence, width, height, parity: 0)
            let second = sweep(&result, divergence, width, height, parity: 1)
            if max(first, second) < tolerance { break }
        }
        return result
    }

    /// The patch plus a smooth surface through the differences at the border (Coons 1967), which is near the
    /// solution; the border itself is the target's.
    private static func started(
        _ patch: [SIMD4<Float>], _ target: [SIMD4<Float>], _ width: Int, _ height: Int
    ) -> [SIMD4<Float>] {
        func difference(_ x: Int, _ y: Int) -> SIMD4<Float> { target[y * width + x] - patch[y * width + x] }
        let right = width - 1, bottom = height - 1
        let top = (0...right).map { difference($0, 0) }, base = (0...right).map { difference($0, bottom) }
        var result = target
        for y in 1..<bottom {
            let left = difference(0, y), far = difference(right, y), v = Float(y) / Float(bottom)
            let start = left - (top[0] + (base[0] - top[0]) * v)
            let end = far - (top[right] + (base[right] - top[right]) * v)
            for x in 1..<right {
                let u = Float(x) / Float(right)
                let surface = top[x] + (base[x] - top[x]) * v + start + (end - start) * u
                result[y * width + x] = patch[y * width + x] + surface
            }
        }
        return result
    }

    /// Relaxes the inner pixels with (x + y) even (`parity` 0) or odd; returns the largest error before.
    private static func sweep(
        _ values: inout [SIMD4<Float>], _ divergence: [SIMD4<Float>], _ width: Int, _ height: Int, parity: Int
    ) -> Float {
        var squares = SIMD4<Float>.zero
        unsafe values.withUnsafeMutableBufferPointer { values in
            unsafe divergence.withUnsafeBufferPointer { divergence in
                for y in 1..<height - 1 {
                    var index = y * width + 1 + (y + 1 + parity) % 2
                    let end = (y + 1) * width - 1
                    while index < end {
                        // An inner pixel: all four neighbours are inside, and both buffers have
                        // width * height elements.
                        let sides = unsafe values[index - 1] + values[index + 1]
                        let ends = unsafe values[index - width] + values[index + width]
                        let error = unsafe (sides + ends) * 0.25 + divergence[index] - values[index]
                        squares.replace(with: error * error, where: error * error .> squares)
                        unsafe values[index] += error * relaxation
                        index += 2
                    }
                }
            }
        }
        return squares.max().squareRoot()
    }
}
