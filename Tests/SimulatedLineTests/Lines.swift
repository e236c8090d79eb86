import Imaging
import SimulatedLine

/// Lines for the tests: small frames, which show everything that large ones do.
enum Lines {
    static func settings(
        _ surface: Surface, _ form: LineSettings.Form, size: Size = Size(width: 192, height: 144),
        seed: UInt32 = 7, defectsPerMillion: Int = 0
    ) -> LineSettings {
        LineSettings(
            surface: surface, form: form, seed: seed, size: size, defectsPerMillion: defectsPerMillion)
    }

    /// Every surface in both forms.
    static let all: [(Surface, LineSettings.Form)] = Surface.allCases.flatMap { surface in
        LineSettings.Form.allCases.map { (surface, $0) }
    }

    /// FNV-1a (Fowler, Noll, Vo) of `bytes`.
    static func digest(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
