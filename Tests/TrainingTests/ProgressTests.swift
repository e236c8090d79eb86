import Imaging
import Testing
import Training

struct ProgressTests {
    @Test("progress tells the rate and the time that is left")
    func rate() {
        var progress = TrainingProgress(totalSteps: 10_000, now: 0)
        #expect(progress.rate == nil && progress.text == "")
        for step in 1...100 { progress.add(step: step, loss: 0.5, now: step * 500_000_000) }
        #expect(abs((progress.rate ?? 0) - 2) < 1e-9)
        #expect(progress.text == "loss 0.5000  2.0 steps/s  1:22:30 left")
    }

    @Test("a loss curve falls in its chart and its picture as it does in its numbers")
    func curve() throws {
        var curve = LossCurve()
        for step in 1...200 { curve.add(step: step, loss: 1 / Double(step), rate: 1e-3) }
        curve.add(step: 201, loss: .nan, rate: 1e-3)
        #expect(curve.points.count == 200)
        #expect(curve.table.hasPrefix("step\tloss\trate\n1\t1.0\t0.001\n2\t0.5\t0.001\n"))
        let lines = curve.chart(columns: 20, rows: 5).split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines[0].contains("|*") && lines[4].hasSuffix("*") && lines[6].hasSuffix("step 200"))
        let image = try curve.picture(width: 120, height: 60)
        // Red is above in the left half and below in the right one.
        func meanRow(_ columns: Range<Int>) -> Double {
            var (sum, count) = (0.0, 0.0)
            for y in 0..<60 {
                for x in columns
                where image.pixels[(y * 120 + x) * 3] == 200 && image.pixels[(y * 120 + x) * 3 + 1] == 30 {
                    sum += Double(y)
                    count += 1
                }
            }
            return sum / count
        }
        #expect(meanRow(8..<20) + 10 < meanRow(80..<110))
        #expect(try image.encodedAsPNG().starts(with: [0x89, 0x50, 0x4e, 0x47]))
    }
}
