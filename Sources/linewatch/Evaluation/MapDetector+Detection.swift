import AnomalyModels
import Evaluation
import Imaging
import Platform

extension MapDetector {
    /// What the detector says of `pixels`, RGB bytes of its input. Blocks.
    func detection(of pixels: [UInt8]) -> Detection {
        let start = MonotonicClock.now
        // The caller scaled the image to the detector's input: as many bytes.
        unsafe withInput { input in unsafe input.copyBytes(from: pixels) }
        let score = run()
        let time = MonotonicClock.now - start
        let map = unsafe ScoreMap(size: mapSize, scores: withMap { unsafe Array($0) })
        return Detection(score: score, map: map, inputSize: size, nanoseconds: time)
    }
}
