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
                    let y = (inspector.rect.y + Int(Double(row) * inspector.cellHeight)) / Self.heatCell
                    guard y < heatSize.height else { break }
                    for column in 0..<inspector.columns {
                        let x = (inspector.rect.x + Int(Double(column) * inspector.cellWidth)) / Self.heatCell
                        guard x < heatSize.width else { break }
                        let value = UInt8(min(max(map[row * inspector.columns + column] * scale, 0), 255))
                        // Inside: both coordinates were compared with the size above.
                        let cell = y * heatSize.width + x
                        unsafe heat[cell] = max(heat[cell], value)
                    }
                }
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
