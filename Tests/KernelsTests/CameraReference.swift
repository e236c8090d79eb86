import Imaging
import Kernels

/// The camera kernel once more in double precision, from the geometry and not from any table.
struct CameraReference {
    let frame: NoiseFrame
    let geometry: Geometry
    let range: YUVRange

    /// R, G and B of an output pixel, 0...255, not rounded.
    func value(_ x: Int, _ y: Int) -> [Double] {
        let white = Double((1 << frame.format.significantBits) - 1)
        let values: [Double]
        switch frame.format {
        case .grey, .y10, .y12, .y16, .y16BigEndian:
            values = Array(repeating: luma(x, y) { sample(0, $0, $1) }, count: 3)
        case .rgb24: values = (0..<3).map { c in luma(x, y) { sample(0, 3 * $0 + c, $1) } }
        case .bgr24: values = (0..<3).map { c in luma(x, y) { sample(0, 3 * $0 + 2 - c, $1) } }
        case .yuyv:
            values = rgb(
                luma(x, y) { sample(0, 2 * $0, $1) }, chroma(x, y, 1) { sample(0, 4 * $0 + 1, $1) },
                chroma(x, y, 1) { sample(0, 4 * $0 + 3, $1) })
        case .uyvy:
            values = rgb(
                luma(x, y) { sample(0, 2 * $0 + 1, $1) }, chroma(x, y, 1) { sample(0, 4 * $0, $1) },
                chroma(x, y, 1) { sample(0, 4 * $0 + 2, $1) })
        case .nv12, .nv16:
            let step = frame.format == .nv12 ? 2 : 1
            values = rgb(
                luma(x, y) { sample(0, $0, $1) }, chroma(x, y, step) { sample(1, 2 * $0, $1) },
                chroma(x, y, step) { sample(1, 2 * $0 + 1, $1) })
        case .bayerBGGR8, .bayerBGGR10: values = bayer(x, y, "BGGR")
        case .bayerGBRG8, .bayerGBRG10: values = bayer(x, y, "GBRG")
        case .bayerGRBG8, .bayerGRBG10: values = bayer(x, y, "GRBG")
        case .bayerRGGB8, .bayerRGGB10: values = bayer(x, y, "RGGB")
        }
        return values.map { min(max($0 * 255 / white, 0), 255) }
    }

    private func sample(_ plane: Int, _ at: Int, _ row: Int) -> Double {
        let line = (plane * frame.size.height + row) * frame.bytesPerRow
        guard frame.format.bytesPerSample == 2 else { return Double(frame.bytes[line + at]) }
        let first = Int(frame.bytes[line + 2 * at]), second = Int(frame.bytes[line + 2 * at + 1])
        let code = frame.format == .y16BigEndian ? first << 8 | second : second << 8 | first
        return Double(code & ((1 << frame.format.significantBits) - 1))
    }

    private func luma(_ x: Int, _ y: Int, _ at: (Int, Int) -> Double) -> Double {
        weighted(columns(x, 1, 0.5, 1), rows(y, 1, 0.5, 1), at)
    }

    private func chroma(_ x: Int, _ y: Int, _ step: Int, _ at: (Int, Int) -> Double) -> Double {
        weighted(columns(x, 2, 1, 1), rows(y, step, Double(step) / 2, 1), at)
    }

    /// `pattern` names the colours of the four samples of a cell, row by row.
    private func bayer(_ x: Int, _ y: Int, _ pattern: String) -> [Double] {
        var sums = [0.0, 0, 0]
        for (k, colour) in pattern.enumerated() {
            let (column, row) = (k % 2, k / 2)
            let value = weighted(
                columns(x, 2, Double(column) + 0.5, 2), rows(y, 2, Double(row) + 0.5, 2)
            ) { sample(0, 2 * $0 + column, 2 * $1 + row) }
            switch colour {
            case "R": sums[0] += value
            case "G": sums[1] += value / 2
            default: sums[2] += value
            }
        }
        return sums
    }

    private func rgb(_ y: Double, _ u: Double, _ v: Double) -> [Double] {
        let (l, b, r): (Double, Double, Double)
        switch range {
        case .limited: (l, b, r) = ((y - 16) * 255 / 219, (u - 128) * 255 / 224, (v - 128) * 255 / 224)
        case .full: (l, b, r) = (y, u - 128, v - 128)
        }
        let red = l + 1.402 * r, blue = l + 1.772 * b
        return [red, (l - 0.299 * red - 0.114 * blue) / 0.587, blue]
    }

    private func columns(_ x: Int, _ step: Int, _ centre: Double, _ least: Int) -> [(Int, Double)] {
        taps(geometry.crop.x, geometry.crop.width, geometry.output.width, x, step, centre, least)
    }

    private func rows(_ y: Int, _ step: Int, _ centre: Double, _ least: Int) -> [(Int, Double)] {
        taps(geometry.crop.y, geometry.crop.height, geometry.output.height, y, step, centre, least)
    }

    /// Sites and weights of output `k`; site j covers [j * step, (j + 1) * step), its centre at j * step +
    /// centre.
    private func taps(
        _ origin: Int, _ length: Int, _ count: Int, _ k: Int, _ step: Int, _ centre: Double, _ least: Int
    ) -> [(Int, Double)] {
        let ratio = Double(length) / Double(count)
        let sites = (origin / step)...((origin + length - 1) / step)
        guard ratio < Double(least) else {
            let begin = Double(origin) + Double(k) * ratio, end = begin + ratio
            return sites.compactMap { site in
                let covered = min(Double((site + 1) * step), end) - max(Double(site * step), begin)
                return covered > 0 ? (site, covered / ratio) : nil
            }
        }
        let place = (Double(origin) + (Double(k) + 0.5) * ratio - centre) / Double(step)
        let site = Int(place.rounded(.down)), rest = place - Double(site)
        return [(site, 1 - rest), (site + 1, rest)].map {
            (min(max($0.0, sites.lowerBound), sites.upperBound), $0.1)
        }
    }

    private func weighted(
        _ columns: [(Int, Double)], _ rows: [(Int, Double)], _ at: (Int, Int) -> Double
    ) -> Double {
        var sum = 0.0
        for (row, p) in rows {
            for (column, q) in columns { sum += p * q * at(column, row) }
        }
        return sum
    }
}
