import Evaluation
import Events
import FoundationEssentials
import Imaging
import Kernels
import Training

/// The images of a folder by kind, with what the page shows of them.
package struct SortedImages {
    /// An image to sort.
    struct Image {
        /// Relative to the folder.
        let path: String
        /// Its true type; empty if nobody knows.
        let label: String
        let maskPath: String?
    }

    let folder: String
    private(set) var rows: [Image] = []
    var leftOut: [String] = []
    /// The images of each kind, most typical first; the largest kind first.
    private(set) var kinds: [[Int]] = []
    private var pictures: [String] = []
    private var clusters: [Int] = []

    /// The longer side of a picture on the page, and how many of a kind it shows.
    private static let side = 96
    private static let shownCount = 120

    init(folder: String) { self.folder = folder }

    mutating func add(_ row: Image, _ image: RGBImage, _ kernels: KernelTable) throws {
        let factor = min(1, Double(Self.side) / Double(max(image.size.width, image.size.height)))
        let side = { (length: Int) in max(1, Int((Double(length) * factor).rounded())) }
        let size = Size(width: side(image.size.width), height: side(image.size.height))
        let small = try MethodInput(size: size, keepsAspect: false).tensor(of: image, kernels)
        let bytes = try RGBImage(size: size, pixels: small.pixels).encodedAsJPEG(quality: 85)
        pictures.append("data:image/jpeg;base64," + Data(bytes).base64EncodedString())
        rows.append(row)
    }

    /// Orders images by `clusters`, and within one by their cosine with its mean.
    mutating func sort(into clusters: [Int], by embeddings: UnitRows) {
        self.clusters = clusters
        kinds = Set(clusters).sorted().map { cluster in
            let members = clusters.indices.filter { clusters[$0] == cluster }
            let all = embeddings.rows(members)
            var mean = [Float](repeating: 0, count: embeddings.width)
            for member in members {
                for (index, value) in embeddings.row(member).enumerated() { mean[index] += value }
            }
            let cosines = all.cosines(with: UnitRows(mean, width: embeddings.width))
            return members.indices.sorted {
                cosines[$0] != cosines[$1] ? cosines[$0] > cosines[$1] : $0 < $1
            }.map { members[$0] }
        }.sorted { $0.count != $1.count ? $0.count > $1.count : $0[0] < $1[0] }
    }

    /// How the kinds agree with the labels; nil where there are none.
    private var agreement: ClusterAgreement? {
        let names = Set(rows.map(\.label)).sorted()
        guard names.count > 1 || names.first.map({ !$0.isEmpty }) == true else { return nil }
        return ClusterAgreement(
            types: rows.map { names.firstIndex(of: $0.label) ?? -1 }, clusters: clusters)
    }

    /// What is printed with --json.
    package struct Figures: Encodable {
        let schema = "linewatch.fine/1"
        let version = ProductVersion.text
        package let images: Int
        package let kinds: [[String]]
        package let nmi: Double?
        package let ari: Double?
        package let acc: Double?
        let leftOut: [String]
    }

    package var figures: Figures {
        Figures(
            images: rows.count, kinds: kinds.map { $0.map { rows[$0].path } },
            nmi: agreement?.nmi.map { 100 * $0 }, ari: agreement?.ari.map { 100 * $0 },
            acc: agreement?.accuracy.map { 100 * $0 }, leftOut: leftOut)
    }

    /// The labels in a kind with their counts, the most frequent first; empty without labels.
    private func labels(of kind: [Int]) -> String {
        let counts = Dictionary(kind.map { (rows[$0].label, 1) }, uniquingKeysWith: +)
        guard agreement != nil else { return "" }
        return counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
            .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    private var agreementText: String? {
        agreement.map { agreement in
            let cells = [("NMI", agreement.nmi), ("ARI", agreement.ari), ("ACC", agreement.accuracy)]
            return cells.map { "\($0.0) \($0.1.map { decimals(100 * $0, 1) } ?? "-")" }.joined(
                separator: ", ")
        }
    }

    var text: String {
        var lines = [["kind", "images", "labels"]]
        for (number, kind) in kinds.enumerated() {
            lines.append(["\(number + 1)", "\(kind.count)", labels(of: kind)])
        }
        let rest =
            (agreementText.map { [$0 + " with the labels, in percent."] } ?? [])
            + leftOut.map { "left out: \($0)" }
        return ([table(lines)] + rest).joined(separator: "\n")
    }

    /// One HTML page that needs nothing else.
    package var page: String {
        let sections = kinds.enumerated().map { number, kind in
            let images = kind.prefix(Self.shownCount).map { index in
                let name = Evaluated.escaped(rows[index].path)
                return "<img src=\"\(pictures[index])\" alt=\"\(name)\" title=\"\(name)\">"
            }
            let more = kind.count > Self.shownCount ? "<p>and \(kind.count - Self.shownCount) more</p>" : ""
            let labels = Evaluated.escaped(labels(of: kind))
            return """
                <h2>Kind \(number + 1): \(kind.count) images</h2>
                \(labels.isEmpty ? "" : "<p>Labels: \(labels)</p>")
                <div class="sheet">\(images.joined(separator: "\n"))</div>\(more)
                """
        }
        let title = Evaluated.escaped(folder)
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>Linewatch: kinds in \(title)</title>
            <style>
            body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 75em; color: #222; background: #fff; }
            .sheet { display: flex; flex-wrap: wrap; gap: 4px; } img { background: #eee; }
            </style></head><body>
            <h1>\(rows.count) images of \(kinds.count) kinds</h1>
            <p>\(title), sorted without labels, most typical first, by Linewatch \(ProductVersion.text).\
            \(agreementText.map { " Agreement with the labels in percent: \($0)." } ?? "")</p>
            \(leftOut.isEmpty ? "" : "<ul>" + leftOut.map { "<li>Left out: \(Evaluated.escaped($0))</li>" }.joined() + "</ul>")
            \(sections.joined(separator: "\n"))
            </body></html>

            """
    }
}
