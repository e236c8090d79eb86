package import Capture
import Imaging

/// What `linewatch camera probe` found, as its JSON document and as text.
package struct ProbeReport: Encodable {
    package struct Format: Encodable {
        let format: String
        let name: String
        let route: String
        let sizes: [FrameSize]
    }

    package struct FrameSize: Encodable {
        let width: Int
        let height: Int
        let largestWidth: Int?
        let largestHeight: Int?
        let fps: [Double]

        enum CodingKeys: String, CodingKey {
            case width, height, fps
            case largestWidth = "largest_width"
            case largestHeight = "largest_height"
        }

        var text: String {
            let range = largestWidth.map { "-\($0)x\(largestHeight ?? 0)" } ?? ""
            let rate = fps.first.map { " (\(decimals($0, 1))/s)" } ?? ""
            return "\(width)x\(height)\(range)\(rate)"
        }
    }

    package let schema = "linewatch.camera.probe/1"
    let node: String
    let bus: String
    let card: String
    package let format: String
    /// `native`, `mjpg` or `converted`.
    let route: String
    package let width: Int
    package let height: Int
    let bytesPerRow: Int
    /// Frames per second that came, and that the driver granted (0: it does not say).
    package let fps: Double
    let grantedFPS: Double
    package let jitterMilliseconds: Double
    package let frames: Int
    /// Frames that the driver numbered and nobody got; those marked as damaged; those that came too fast.
    package let dropped: Int
    let damaged: Int
    let refused: Int
    let remarks: [String]
    package let advice: [String]
    let formats: [Format]

    enum CodingKeys: String, CodingKey {
        case schema, node, bus, card, format, route, width, height, fps, frames, dropped, damaged, refused
        case remarks, advice, formats
        case bytesPerRow = "bytes_per_row"
        case grantedFPS = "granted_fps"
        case jitterMilliseconds = "jitter_ms"
    }

    package init(
        device: VideoDevice, negotiation: FormatNegotiation, formats: [OfferedFormat], meter: RateMeter,
        refused: Int
    ) {
        node = device.node
        bus = device.bus
        card = device.card
        format = "\(negotiation.driverFormat)"
        route = negotiation.route.rawValue
        width = negotiation.stream.size.width
        height = negotiation.stream.size.height
        bytesPerRow = negotiation.stream.bytesPerRow
        fps = (meter.framesPerSecond * 1000).rounded() / 1000
        grantedFPS = (negotiation.stream.framesPerSecond * 1000).rounded() / 1000
        jitterMilliseconds = (meter.jitterMilliseconds * 1000).rounded() / 1000
        frames = meter.frameCount
        dropped = meter.lostCount
        damaged = meter.damagedCount
        self.refused = refused
        remarks = negotiation.remarks
        self.formats = formats.map { offered in
            Format(
                format: "\(offered.format)", name: offered.name, route: offered.route.rawValue,
                sizes: offered.sizes.map {
                    FrameSize(
                        width: $0.size.width, height: $0.size.height, largestWidth: $0.largest?.width,
                        largestHeight: $0.largest?.height, fps: $0.rates)
                })
        }
        advice = ProbeReport.advice(negotiation, formats, meter, refused: refused)
    }

    /// Of what is no device: a folder, a recording, the simulated line.
    package init(source: String, format stream: StreamFormat, meter: RateMeter, refused: Int) {
        (node, bus, card) = (source, "", "")
        format = stream.pixelFormat.rawValue
        route = CaptureRoute.native.rawValue
        (width, height, bytesPerRow) = (stream.size.width, stream.size.height, stream.bytesPerRow)
        fps = (meter.framesPerSecond * 1000).rounded() / 1000
        grantedFPS = stream.framesPerSecond
        jitterMilliseconds = (meter.jitterMilliseconds * 1000).rounded() / 1000
        (frames, dropped, damaged) = (meter.frameCount, meter.lostCount, meter.damagedCount)
        self.refused = refused
        (remarks, advice, formats) = ([], [], [])
    }

    /// What it would take to do better, one sentence each.
    private static func advice(
        _ negotiation: FormatNegotiation, _ formats: [OfferedFormat], _ meter: RateMeter, refused: Int
    ) -> [String] {
        var advice: [String] = []
        let size = negotiation.stream.size, granted = negotiation.stream.framesPerSecond
        if meter.frameCount == 0 {
            advice.append("No frame came: check whether the camera waits for a trigger.")
        } else if granted > 0 && meter.framesPerSecond < 0.95 * granted {
            advice.append(
                "The camera granted \(decimals(granted, 1)) frames/s and sends fewer: shorten its exposure "
                    + "(automatic exposure halves the rate in dim light), or give it a USB bus of its own.")
        }
        if meter.lostCount > 0 || refused > 0 {
            advice.append("Frames were lost: try more --buffers, a lower rate or a format with fewer bytes.")
        }
        if meter.damagedCount > 0 {
            advice.append("Frames came damaged: check cable and connector, and use a shorter cable.")
        }
        let rates = formats.map { ($0, $0.fastest(at: size)) }
        let own = rates.first { $0.0.format == negotiation.driverFormat }?.1 ?? 0
        if own > 1.05 * granted {
            advice.append("\(size) has up to \(decimals(own, 1)) frames/s: --fps \(decimals(own, 1)).")
        }
        if let (other, rate) = rates.max(by: { $0.1 < $1.1 }), rate > 1.05 * max(own, granted) {
            advice.append("\(other.format) has up to \(decimals(rate, 1)) frames/s at \(size).")
        }
        if negotiation.route != .native {
            let native = formats.filter { $0.route == .native }.map { "\($0.format)" }
            advice.append(
                native.isEmpty
                    ? "The camera has no format that Linewatch reads without converting it."
                    : "Exact and without conversion: --format \(native.joined(separator: ", ")).")
        }
        return advice
    }

    package var text: String {
        var lines = [
            "\(node)  \(card)",
            "  \(format) \(width)x\(height), \(route), \(bytesPerRow) bytes per row",
            "  \(decimals(fps, 2)) frames/s (granted \(decimals(grantedFPS, 2))), jitter "
                + "\(decimals(jitterMilliseconds, 2)) ms",
            "  \(frames) frames, \(dropped) dropped, \(damaged) damaged, \(refused) refused",
        ]
        lines += remarks.map { "  note: \($0)" } + advice.map { "  do: \($0)" }
        guard !formats.isEmpty else { return lines.joined(separator: "\n") }
        lines.append("  formats:")
        // Most cameras have the same sizes for several formats.
        var groups: [(sizes: String, names: [String])] = []
        for format in formats {
            let sizes = format.sizes.map(\.text).joined(separator: ", ")
            let name = format.route == "native" ? format.format : "\(format.format) (\(format.route))"
            if let index = groups.firstIndex(where: { $0.sizes == sizes }) {
                groups[index].names.append(name)
            } else {
                groups.append((sizes, [name]))
            }
        }
        for group in groups {
            lines += ["    \(group.sizes)", "      \(group.names.joined(separator: " "))"]
        }
        return lines.joined(separator: "\n")
    }
}

extension OfferedFormat {
    /// The highest rate at `size`; 0 if the device does not have the size or does not say.
    func fastest(at size: Size) -> Double {
        sizes.filter { offered in
            guard let largest = offered.largest else { return offered.size == size }
            return size.width <= largest.width && size.height <= largest.height
        }.compactMap(\.rates.first).max() ?? 0
    }
}
