import Capture
import Testing

@Test("buffers that were given back are collected once, in whatever order they came")
func buffersComeBackOnce() {
    let returns = FrameReturns()
    for index in [5, 0, 31] { returns.giveBack(index) }
    #expect(returns.collect() == 1 << 5 | 1 << 0 | 1 << 31)
    #expect(returns.collect() == 0)
}
