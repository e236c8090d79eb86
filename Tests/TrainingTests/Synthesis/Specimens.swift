import Imaging
import SimulatedLine
import Training

/// Pictures that every synthesis test uses.
enum Specimens {
    /// A good part of `surface` in colour, `size` of one with twice that.
    static func part(_ surface: Surface, _ size: Size) throws -> Picture {
        var line = try ProductionLine(
            LineSettings(
                surface: surface, form: .parts, seed: 1, size: Size(width: 256, height: 256),
                defectsPerMillion: 0))
        return Picture(line.part(0, defect: .none).colour).resized(to: size)
    }

    /// Coloured noise over a gradient, the same everywhere.
    static func grain(_ size: Size, channelCount: Int, seed: UInt64 = 5) -> Picture {
        var random = CounterRandom(seed: seed, index: 0)
        let levels = (0..<size.pixelCount * channelCount).map { index in
            UInt8(60 + 90 * (index / channelCount % size.width) / size.width + random.whole(0...60))
        }
        return Picture(size: size, channelCount: channelCount, levels: levels)
    }

    /// The largest change of any channel, pixel by pixel.
    static func changes(_ a: Picture, _ b: Picture) -> [Int] {
        (0..<a.size.pixelCount).map { pixel in
            (0..<a.channelCount).map { channel in
                let index = pixel * a.channelCount + channel
                return abs(Int(a.levels[index]) - Int(b.levels[index]))
            }.max() ?? 0
        }
    }
}
