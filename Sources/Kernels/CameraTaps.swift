/// One axis of a resize: `length` pixels from `origin` on become `outputCount`.
struct CameraAxis {
    let origin: Int
    let length: Int
    let outputCount: Int

    /// Where the samples of one kind lie on the axis.
    struct Lattice {
        /// Pixels from site to site, which is also what a site covers when areas are weighed.
        let step: Int
        /// Twice the position of the centre of site 0, in pixels.
        let centre: Int
        /// Areas are weighed from this many pixels per output on; below, the two nearest sites are.
        let leastRatio: Int

        static let luma = Lattice(step: 1, centre: 1, leastRatio: 1)
        static func chroma(step: Int) -> Lattice { Lattice(step: step, centre: step, leastRatio: 1) }
        static func bayer(phase: Int) -> Lattice { Lattice(step: 2, centre: 2 * phase + 1, leastRatio: 2) }
    }

    /// The weights of one output: of site `first`, of the next, and so on.
    struct Taps {
        let first: Int
        let weights: [UInt32]
    }

    /// Crop length over output count in lowest terms.
    private var ratio: (p: Int, q: Int) {
        var divisor = length, rest = outputCount
        while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
        return (length / divisor, outputCount / divisor)
    }

    private func weighsAreas(_ lattice: Lattice) -> Bool { length >= lattice.leastRatio * outputCount }

    /// What the weights of every output sum to.
    func total(_ lattice: Lattice) -> Int {
        weighsAreas(lattice) ? ratio.p : 2 * ratio.q * lattice.step
    }

    /// The taps of output `index`, as camera.h defines them.
    func taps(of index: Int, _ lattice: Lattice) -> Taps {
        weighsAreas(lattice) ? areaTaps(of: index, step: lattice.step) : bilinearTaps(of: index, lattice)
    }

    private func areaTaps(of index: Int, step: Int) -> Taps {
        let (p, q) = ratio
        let begin = index * p, end = begin + p
        let first = (origin + begin / q) / step, last = (origin + (end - 1) / q) / step
        let weights = (first...last).map { site in
            let low = (site * step - origin) * q
            return UInt32(min(low + step * q, end) - max(low, begin))
        }
        return Taps(first: first, weights: weights)
    }

    private func bilinearTaps(of index: Int, _ lattice: Lattice) -> Taps {
        let (p, q) = ratio
        let unit = 2 * q * lattice.step
        let place = 2 * q * origin + (2 * index + 1) * p - q * lattice.centre
        let site = place >= 0 ? place / unit : -((unit - 1 - place) / unit)
        let rest = place - site * unit
        let inside = (origin / lattice.step)...((origin + length - 1) / lattice.step)
        if site < inside.lowerBound { return Taps(first: inside.lowerBound, weights: [UInt32(unit)]) }
        if site >= inside.upperBound { return Taps(first: inside.upperBound, weights: [UInt32(unit)]) }
        return Taps(first: site, weights: [UInt32(unit - rest), UInt32(rest)])
    }
}
