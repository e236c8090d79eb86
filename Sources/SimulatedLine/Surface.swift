/// What the line makes.
public enum Surface: String, CaseIterable, Hashable, Sendable {
    /// A brushed steel plate with drilled holes and an engraved number.
    case brushed
    /// A flange of grey cast iron with a turned face.
    case cast
    /// Plain-woven cloth, all over the frame.
    case woven
    /// A populated circuit board with a printed label.
    case board
    /// A ground ferrite tile with dark streaks, as wide as the frame.
    case tile
    /// A cover of dark plastic with ribs, screw holes and a raised mark.
    case moulding

    /// The defects that this surface gets in production, the frequent ones more than once.
    package var usualDefects: [DefectKind] {
        switch self {
        case .brushed: [.scratch, .scratch, .dent, .stain, .contamination, .misprint, .inclusion]
        case .cast: [.crack, .crack, .hole, .hole, .inclusion, .dent, .scratch, .contamination]
        case .woven: [.hole, .stain, .contamination, .scratch, .misprint, .inclusion]
        case .board: [.hole, .hole, .scratch, .stain, .contamination, .misprint, .crack]
        case .tile: [.crack, .crack, .hole, .scratch, .stain, .inclusion, .dent]
        case .moulding: [.scratch, .dent, .stain, .hole, .inclusion, .contamination, .misprint]
        }
    }
}
