import EventStorage
import Events
import Platform

/// A page under way.
struct ExpositionPage {
    var text = ""

    mutating func one(_ name: String, _ type: String, _ help: String, _ value: Double) {
        family(name, type, help, [("", value)])
    }

    mutating func family(
        _ name: String, _ type: String, _ help: String, _ values: [(labels: String, value: Double)]
    ) {
        guard !values.isEmpty else { return }
        text += "# HELP linewatch_\(name) \(help)\n# TYPE linewatch_\(name) \(type)\n"
        for (labels, value) in values {
            text += "linewatch_\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value))\n"
        }
    }

    /// - Parameter rows: each with its labels; in seconds, 0.5 ms to 4 s.
    mutating func histograms(
        _ name: String, _ help: String, _ rows: [(labels: String, histogram: LatencyHistogram)]
    ) {
        text += "# HELP linewatch_\(name) \(help)\n# TYPE linewatch_\(name) histogram\n"
        for (labels, histogram) in rows {
            let before = labels.isEmpty ? "" : labels + ","
            var bound = 0.0005
            while bound <= 4.1 {
                let count = histogram.count(upTo: bound * 1e6)
                text += "linewatch_\(name)_bucket{\(before)le=\"\(bound)\"} \(count)\n"
                bound *= 2
            }
            let count = histogram.count, own = labels.isEmpty ? "" : "{\(labels)}"
            text += "linewatch_\(name)_bucket{\(before)le=\"+Inf\"} \(count)\n"
            text += "linewatch_\(name)_sum\(own) \(Double(histogram.sumMicroseconds) / 1e6)\n"
            text += "linewatch_\(name)_count\(own) \(count)\n"
        }
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
