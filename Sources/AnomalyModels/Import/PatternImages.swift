import Platform

/// Procedural RGB pictures, drawn from a seed alone: the calibration set of shipped weights, which are thus
/// fitted on nobody's photographs.
///
/// Eight kinds take turns: overlapping textured shapes of many sizes (a "dead leaves" picture, whose
/// statistics are close to those of photographs), noise with a 1/f spectrum, smooth gradients with a few
/// shapes, brushed metal with scratches, printed patterns, text-like marks, strong flat shapes, and faint
/// textures with blobs. Brightness, contrast, colour cast and grain vary from picture to picture. The same
/// bytes on every machine: only correctly rounded operations are used.
package struct PatternImages: Sendable {
    package let width: Int
    package let height: Int
    private let seed: UInt64

    /// - Precondition: sides of at least 16 pixels.
    package init(seed: UInt64, width: Int, height: Int) {
        precondition(width >= 16 && height >= 16, "patterns of \(width) x \(height) pixels")
        (self.seed, self.width, self.height) = (seed, width, height)
    }

    /// Picture `index`, `[height, width, 3]`.
    package func image(_ index: Int) -> [UInt8] {
        var canvas = PatternCanvas(
            width: width, height: height, random: SplitMix64(seed: seed &+ UInt64(index) &* 0x9e37_79b9))
        switch index % 8 {
        case 0: canvas.drawLeaves(count: canvas.random.integer(in: 60...160), sizes: 0.02...0.35)
        case 1: canvas.drawNoise()
        case 2: canvas.drawGradient(shapes: canvas.random.integer(in: 1...6))
        case 3: canvas.drawMetal()
        case 4: canvas.drawPrint()
        case 5: canvas.drawMarks()
        case 6: canvas.drawLeaves(count: canvas.random.integer(in: 4...14), sizes: 0.15...0.6)
        default: canvas.drawFaint()
        }
        return canvas.developed()
    }
}

// What the pictures show.
extension PatternCanvas {
    mutating func drawLeaves(count: Int, sizes: ClosedRange<Float>) {
        let textures = (0..<4).map { _ in noise(cell: random.number(in: 4...40), octaves: 4) }
        paint(texture: textures[0], random.colour(), random.colour())
        for _ in 0..<count {
            // Sizes with density 1 / r^3: the many small ones of a natural scene.
            let u = random.unit(), low = 1 / (sizes.lowerBound * sizes.lowerBound)
            let high = 1 / (sizes.upperBound * sizes.upperBound)
            let radius = (1 / (low + u * (high - low))).squareRoot() * Float(min(width, height))
            let first = random.colour(), texture = textures[random.integer(in: 0...3)]
            let second =
                random.unit() < 0.5 ? first.shifted(by: random.number(in: -0.2...0.2)) : random.colour()
            paint(shape(radius: radius), texture: texture, first, second)
        }
    }

    mutating func drawNoise() {
        let cell = random.number(in: 20...120)
        paint(texture: noise(cell: cell, octaves: 6), random.colour(), random.colour())
        let tint = noise(cell: cell, octaves: 5)
        paint(texture: tint, random.colour(), random.colour(), opacity: random.number(in: 0.2...0.6))
    }

    mutating func drawGradient(shapes: Int) {
        paint(texture: gradient(), random.colour(), random.colour())
        for _ in 0..<shapes {
            let radius = random.number(in: 0.05...0.4) * Float(min(width, height))
            paint(shape(radius: radius), texture: gradient(), random.colour(), random.colour())
        }
    }

    mutating func drawMetal() {
        let grey = PatternColour(grey: random.number(in: 0.25...0.8))
        paint(
            texture: noise(cell: random.number(in: 1.5...5), octaves: 3, stretch: random.number(in: 8...60)),
            grey.shifted(by: -0.15), grey.shifted(by: 0.15))
        paint(
            texture: gradient(), grey.shifted(by: -0.3), grey.shifted(by: 0.3),
            opacity: random.number(in: 0.1...0.6))
        for _ in 0..<random.integer(in: 0...12) {
            let line = stroke(length: random.number(in: 0.1...0.9), thickness: random.number(in: 0.6...2.5))
            paint(line, grey.shifted(by: random.number(in: -0.5...0.5)), opacity: random.number(in: 0.3...1))
        }
    }

    mutating func drawPrint() {
        let board = random.colour()
        paint(texture: noise(cell: 30, octaves: 3), board, board.shifted(by: 0.08))
        for _ in 0..<random.integer(in: 1...3) {
            paint(stripes(), random.colour(), opacity: random.number(in: 0.3...1))
        }
        for _ in 0..<random.integer(in: 6...30) {
            paint(shape(radius: random.number(in: 2...16)), random.colour(), opacity: 1)
        }
    }

    mutating func drawMarks() {
        let paper = random.colour(), ink = random.colour()
        paint(texture: noise(cell: random.number(in: 10...80), octaves: 5), paper, paper.shifted(by: 0.15))
        let size = random.number(in: 6...28), lines = max(1, Int(Float(height) / (1.6 * size)))
        for line in 0..<lines where random.unit() < 0.8 {
            var x = random.number(in: 0...size)
            while x < Float(width) * random.number(in: 0.5...1.2) {
                paint(glyph(x: x, y: (Float(line) + 0.3) * 1.6 * size, size: size), ink, opacity: 0.9)
                x += size * (random.unit() < 0.15 ? 1.2 : 0.65)
            }
        }
    }

    mutating func drawFaint() {
        let base = PatternColour(grey: random.number(in: 0.2...0.8))
        paint(
            texture: noise(cell: random.number(in: 2...12), octaves: 4), base.shifted(by: -0.1),
            base.shifted(by: 0.1))
        for _ in 0..<random.integer(in: 0...5) {
            let blob = shape(radius: random.number(in: 3...40), softness: random.number(in: 2...12))
            paint(
                blob, base.shifted(by: random.number(in: -0.35...0.35)), opacity: random.number(in: 0.3...1))
        }
    }
}
