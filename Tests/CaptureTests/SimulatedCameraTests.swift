import Capture
import Imaging
import SimulatedLine
import Testing

@Test("the simulated camera gives the parts of its line in order, as they are, twice alike")
func simulatedParts() throws {
    let settings = LineSettings(
        surface: .cast, form: .parts, seed: 7, size: Size(width: 64, height: 64), defectsPerMillion: 500_000)
    var line = try ProductionLine(settings)
    let parts = (0..<4).map { line.part($0) }
    var camera = try SimulatedCamera(
        settings, pixels: .grey, pace: SimulatedPace(framesPerSecond: 0, frameCount: 4, bufferCount: 2))
    for _ in 0..<2 {
        var frames: [PlayedFrame] = []
        loop: while true {
            switch camera.next(timeoutMilliseconds: 1000) {
            case .frame(let frame): frames.append(PlayedFrame(frame))
            case .ended: break loop
            default: break
            }
        }
        #expect(frames.map(\.bytes) == parts.map(\.grey))
        #expect(frames.map(\.header.sequence) == [0, 1, 2, 3])
        #expect(parts.contains { $0.defect == nil })
        #expect(frames.allSatisfy { !$0.header.hasError })
        camera.close()
    }
}
