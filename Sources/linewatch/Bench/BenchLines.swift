import ArgumentParser
import Capture
import FoundationEssentials

/// `linewatch bench lines`: what assembling the lines of a line-scan camera into strips costs.
struct BenchLines: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lines",
        abstract: "Measures assembling lines into strips at a line rate, beside a bare copy.",
        discussion: """
            One thread, grey lines from memory in buffers that are lost when they are not taken in time. The \
            shares are processor time of one core; the copy is timed as memcpy of the same blocks, sent once \
            more at the same rate, and so is waiting for a block and taking it.
            """)

    @Option(help: "Lines per second (0...10000000); 0: as many as can be taken.")
    var rate = 20_000

    @Option(help: "Pixels of a line (16...16384).")
    var width = 4096

    @Option(help: "Lines of a block, as the driver hands them over (1...8192).")
    var block = 64

    @Option(help: "Blocks that can wait to be taken (3...32).")
    var buffers = 8

    @Option(help: "Lines of a strip (64...8192).")
    var strip = 512

    @Option(help: "Lines that a strip repeats of the one before (0...half of --strip).")
    var overlap = 64

    @Option(help: "How long to measure (1...3600).")
    var seconds = 5

    @Flag(help: "Print one JSON document instead of lines.")
    var json = false

    func validate() throws {
        let limits = [
            ("--rate", rate, 0...10_000_000), ("--width", width, 16...16_384), ("--block", block, 1...8192),
            ("--buffers", buffers, 3...32), ("--strip", strip, 64...8192),
            ("--overlap", overlap, 0...max(0, strip / 2)),
            ("--seconds", seconds, 1...3600),
        ]
        for (name, value, range) in limits where !range.contains(value) {
            throw ValidationError("\(name) \(value) is not in \(range.lowerBound)...\(range.upperBound).")
        }
    }

    func run() throws {
        let layout = try StripLayout(height: strip, overlap: overlap, lentStrips: 4)
        let speed = try LineSpeed.measured(
            linesPerSecond: rate, width: width, blockLines: block, bufferCount: buffers, strip: layout,
            seconds: seconds)
        if json {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return print(String(decoding: try encoder.encode(Report(speed)), as: UTF8.self))
        }
        func percent(_ share: Double) -> String { decimals(100 * share, 2) + " %" }
        print(
            "\(speed.sentLines) lines of \(width) pixels in \(decimals(speed.seconds, 2)) s",
            "(\(decimals(speed.linesPerSecond, 0)) lines/s):",
            "\(speed.assembledLines) assembled into \(speed.strips) strips, \(speed.lostLines) lost")
        print(
            "of one core: \(percent(speed.assemblyShare)) in all, \(percent(speed.copyShare)) of it the copy,",
            "\(percent(speed.besideCopyShare)) beside it; taking blocks without assembling them:",
            percent(speed.sourceShare))
        guard rate > 0 else { return }
        print(
            "a filled block waited \(speed.longestWaitMicroseconds) us at most;",
            "the buffers last \(speed.buffersMicroseconds) us, and what comes after is lost")
    }

    private struct Report: Encodable {
        let schema = "linewatch.bench.lines/1"
        let linesPerS, seconds, cpuShare, copyShare, besideCopyShare, sourceShare: Double
        let width, blockLines, stripLines, overlapLines, sent, assembled, lost, strips: Int
        let longestWaitUs, buffersUs: Int

        init(_ speed: LineSpeed) {
            (linesPerS, seconds) = (speed.linesPerSecond, speed.seconds)
            (cpuShare, copyShare) = (speed.assemblyShare, speed.copyShare)
            (besideCopyShare, sourceShare) = (speed.besideCopyShare, speed.sourceShare)
            (width, blockLines) = (speed.width, speed.blockLines)
            (stripLines, overlapLines) = (speed.stripLines, speed.overlapLines)
            (sent, assembled) = (speed.sentLines, speed.assembledLines)
            (lost, strips) = (speed.lostLines, speed.strips)
            (longestWaitUs, buffersUs) = (speed.longestWaitMicroseconds, speed.buffersMicroseconds)
        }
    }
}
