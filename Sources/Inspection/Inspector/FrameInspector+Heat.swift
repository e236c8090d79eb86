import Events
package import Imaging
import Platform

extension FrameInspector {
    /// Writes the heat-map of the last frame, a byte for each `heatCell` x `heatCell` pixels of it, row-major: the
    /// highest score in the cell, 128 being the threshold, 0 what no inspection looks at. Allocation-free.
    ///
    /// - Precondition: `heat` has `heatSize.pixelCount` bytes.
    package func writeHeat(into heat: UnsafeMutableBufferPointer<UInt8>) {
        precondition(heat.count >= heatSize.pixelCount, "\(heat.count) bytes for a heat-map")
        unsafe heat.update(repeating: 0)
        forEachRegion { inspector, limit in
            let scale = limit > 0 ? 128 / limit : 128
            inspector.withMap { map in
                for row in 0..<inspector.rows {
                    for column in 0..<inspector.columns {
                        let score = map[row * inspector.columns + column]
                        // The order of the arguments makes no number a 0.
                        let value = UInt8(min(max(0, score * scale), 255))
                        let box = inspector.box(left: column, top: row, right: column + 1, bottom: row + 1)
                        unsafe raise(heat, in: box, to: value)
                    }
                }
            }
        }
    }

    /// Raises every cell of `heat` that `box` touches to `value`.
    private func raise(_ heat: UnsafeMutableBufferPointer<UInt8>, in box: Region, to value: UInt8) {
        let side = Self.heatCell
        for y in box.y / side...(box.y + box.height - 1) / side {
            for x in box.x / side...(box.x + box.width - 1) / side {
                // Inside: a box lies in the frame, and the map has a cell for each pixel of it.
                let cell = y * heatSize.width + x
                unsafe heat[cell] = max(heat[cell], value)
            }
        }
    }
}

extension FrameInspector {
    /// Runs every network once on what its input holds. Allocation-free.
    package func keepWarm() {
        forEachRegion { inspector, _ in inspector.keepWarm() }
    }

    /// Looks at `view` as at any frame, forgets what it saw, and returns the nanoseconds it took.
    package func timeOneLook(at view: ImageView) -> Int {
        let start = MonotonicClock.now
        var outcome = Outcome()
        inspect(view, validRows: view.size.height, into: &outcome)
        debounces = ruleDebounces
        return MonotonicClock.now - start
    }
}
