internal import Imaging
internal import Synchronization

extension PracticeKind {
    /// The six surfaces of the simulated line as kinds.
    static let lineKinds: [PracticeKind] = [
        line(.brushed, ["engraved steel plate", "brushed steel plate", "metal type plate"]),
        line(.cast, ["cast iron flange", "casting", "turned flange"]),
        line(.woven, ["woven linen", "linen cloth", "fabric"]),
        line(.board, ["populated circuit board", "circuit board", "pcb"]),
        line(.tile, ["ferrite tile", "magnet tile", "ground ferrite"]),
        line(.moulding, ["plastic cover", "plastic moulding", "injection moulded part"]),
    ]

    private static func line(_ surface: Surface, _ names: [String]) -> PracticeKind {
        var kinds: [DefectKind] = []
        for kind in surface.usualDefects where !kinds.contains(kind) { kinds.append(kind) }
        let faults = kinds.map { PracticeFault(state: word(for: $0, on: surface), painting: .line($0)) }
        return PracticeKind(
            names: names, isTexture: surface == .woven, faults: faults, making: .line(surface))
    }

    private static func word(for kind: DefectKind, on surface: Surface) -> String {
        switch kind {
        case .scratch: surface == .woven ? "with a pulled thread" : "scratched"
        case .crack: "cracked"
        case .dent: "dented"
        case .stain: "stained"
        case .hole: surface == .board ? "with a missing component" : "with a hole"
        case .inclusion: "with an inclusion"
        case .contamination: "contaminated"
        case .misprint: "misprinted"
        }
    }

    /// As `render`, by a line that is kept for the next sample of the product.
    func lineSample(
        _ surface: Surface, _ product: UInt32, _ sample: Int, defective: Bool, _ size: Size, _ colour: Bool
    ) -> PracticeSample {
        let settings = LineSettings(
            surface: surface, form: .parts, seed: scrambled(product, 11, seed), size: size,
            defectsPerMillion: 0)
        var random = Random(seed: settings.seed, purpose: .layout, index: sample)
        let kept = KeptLines.shared.line(of: settings)
        return kept.line.withLock { line in
            for _ in 0..<12 {
                let fault = random.pick(faults)
                var choice = DefectChoice.none
                if defective, case .line(let kind) = fault.painting { choice = .forced(kind) }
                let part = line.part(sample, defect: choice)
                guard defective == (part.defect != nil) else { continue }
                return PracticeSample(
                    size: size, pixels: colour ? part.colour.pixels : part.grey, isColour: colour,
                    mask: part.mask, states: defective ? [fault.state] : [])
            }
            let part = line.part(sample, defect: .none)
            return PracticeSample(
                size: size, pixels: colour ? part.colour.pixels : part.grey, isColour: colour,
                mask: part.mask, states: [])
        }
    }
}

/// A line takes tens of milliseconds to set up, so the latest ones are kept. What they render does not depend
/// on that.
private final class KeptLines: Sendable {
    static let shared = KeptLines()

    final class Kept: Sendable {
        let line: Mutex<ProductionLine>

        init(_ settings: LineSettings) {
            guard let made = try? ProductionLine(settings) else {
                preconditionFailure("a practice line of \(settings.size)")
            }
            line = Mutex(made)
        }
    }

    private static let capacity = 12
    /// The one used last is the last.
    private let kept = Mutex<[(settings: LineSettings, kept: Kept)]>([])

    func line(of settings: LineSettings) -> Kept {
        let found = kept.withLock { lines -> Kept? in
            guard let index = lines.firstIndex(where: { $0.settings == settings }) else { return nil }
            let entry = lines.remove(at: index)
            lines.append(entry)
            return entry.kept
        }
        if let found { return found }
        let made = Kept(settings)
        kept.withLock { lines in
            if lines.count >= KeptLines.capacity { lines.removeFirst() }
            lines.append((settings, made))
        }
        return made
    }
}
