import Evaluation

extension Evaluated {
    /// One HTML page that needs nothing else: tables, curves as SVG, pictures as PNG in their addresses.
    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>Linewatch: \(Self.escaped(report.head.dataset))</title>
        <style>
        body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 64em; color: #222; background: #fff; }
        table { border-collapse: collapse; margin: 1em 0; }
        td, th { padding: .2em .7em; text-align: right; border-bottom: 1px solid #ddd; font-variant-numeric: tabular-nums; }
        td:first-child, th:first-child { text-align: left; }
        .runs td { color: #666; font-size: 13px; }
        .row { display: flex; flex-wrap: wrap; gap: 1em; }
        figure { margin: 0; max-width: 410px; } figcaption { font-size: 12px; color: #555; overflow-wrap: anywhere; }
        svg { background: #fafafa; }
        </style></head><body>
        <h1>\(Self.escaped(report.head.method)) on \(Self.escaped(report.head.dataset))</h1>
        <p>\(report.shots) good parts, \(Self.escaped(report.head.model)) in int8, input \(Self.escaped(report.head.input)), \
        evaluated at \(report.evaluationSize), Linewatch \(report.head.version)\(report.head.commit.map { " (\($0))" } ?? ""), weights \(Self.escaped(report.head.weights)). In \
        percent: the mean over the runs ± its standard deviation; in brackets the interval of 95 % over images.</p>
        \(figures)
        \(report.notes.isEmpty ? "" : "<ul>" + report.notes.map { "<li>\(Self.escaped($0))</li>" }.joined() + "</ul>")
        \(page.curves.map(Self.drawn).joined(separator: "\n"))
        \(worstImages)
        </body></html>

        """
    }

    private static let columns: [(title: String, figure: DetectionFigure)] = [
        ("image AUROC", .imageAUROC), ("image AP", .imageAP), ("image max F1", .imageMaximumF1),
        ("pixel AUROC", .pixelAUROC), ("pixel AP", .pixelAP), ("AUPRO", .aupro), ("F1", .f1),
        ("false alarms", .falseAlarmRate), ("misses", .missRate),
    ]

    private var figures: String {
        let head = "<tr><th></th>" + Self.columns.map { "<th>\($0.title)</th>" }.joined() + "</tr>"
        var rows = [head]
        for set in report.sets {
            rows.append(Self.row(set.isSeen ? "\(set.name) (seen)" : set.name, set.figures))
            for run in set.perSeed {
                let cells = Self.columns.map { column in
                    "<td>\(run.figures[column.figure].map { decimals($0, 1) } ?? "–")</td>"
                }
                rows.append(
                    "<tr class=\"runs\"><td>draw \(run.draw), seed \(run.seed)</td>" + cells.joined()
                        + "</tr>")
            }
        }
        let fresh = report.sets.count { !$0.isSeen }
        if report.sets.count > 1, fresh > 0 { rows.append(Self.row("mean of \(fresh)", report.macro)) }
        return "<table>\n" + rows.joined(separator: "\n") + "\n</table>"
    }

    private static func row(_ name: String, _ figures: EvaluationReport.Figures) -> String {
        let cells = columns.map { column in
            guard let mean = figures.mean[column.figure] else { return "<td>–</td>" }
            var text = decimals(mean, 1)
            if let deviation = figures.deviation[column.figure] { text += " ± \(decimals(deviation, 1))" }
            if let interval = figures.intervals[column.figure] {
                text += "<br>[\(decimals(interval.lowerBound, 1)), \(decimals(interval.upperBound, 1))]"
            }
            return "<td>\(text)</td>"
        }
        return "<tr><td>\(escaped(name))</td>" + cells.joined() + "</tr>"
    }

    private static func drawn(_ curves: Curves) -> String {
        let drawings = curves.lines.map { line in
            let points = line.points.map {
                "\(decimals(30 + 180 * $0.x, 1)),\(decimals(190 - 180 * $0.y, 1))"
            }
            return """
                <figure><svg width="220" height="220" viewBox="0 0 220 220" role="img" aria-label="\(line.title)">
                <path d="M30 10V190H210" fill="none" stroke="#999"/>
                <path d="M30 100H210M120 10V190" fill="none" stroke="#ddd"/>
                <polyline points="\(points.joined(separator: " "))" fill="none" stroke="#c2410c" stroke-width="2"/>
                <g font-size="10" fill="#555"><text x="120" y="206" text-anchor="middle">\(line.x)</text>
                <text x="20" y="100" text-anchor="middle" transform="rotate(-90 20 100)">\(line.y)</text>
                <text x="30" y="202" text-anchor="middle">0</text><text x="208" y="202" text-anchor="middle">1</text></g>
                </svg><figcaption>\(line.title)</figcaption></figure>
                """
        }
        return "<h2>\(escaped(curves.dataSet)), first run</h2><div class=\"row\">" + drawings.joined()
            + "</div>"
    }

    private var worstImages: String {
        guard !page.worst.isEmpty else { return "" }
        let figures = page.worst.map { image in
            let limit = image.threshold.map { ", limit \(decimals(Double($0), 3))" } ?? ""
            let kind = image.isDefective ? "Defective, low score" : "Good, high score"
            return """
                <figure><img src="\(image.picture)" alt="picture"> <img src="\(image.map)" alt="score map">
                <figcaption>\(kind) \(decimals(Double(image.score), 3))\(limit): \(Self.escaped(image.path))</figcaption></figure>
                """
        }
        return """
            <h2>The worst images of the first runs</h2>
            <p>Red is the map from its lowest score to its highest, green the border of the true region.</p>
            <div class="row">\(figures.joined(separator: "\n"))</div>
            """
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
