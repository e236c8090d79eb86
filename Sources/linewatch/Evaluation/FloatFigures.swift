import Evaluation
import Events

/// How the decisions of int8 agree with those of float32 in one run (METHODS.md 10.2).
package struct FloatFigures: Encodable {
    let dataSet: String
    let draw: Int
    let seed: Int
    package let images: Int
    /// Pearson's correlation of the maps: the least and the median.
    package let leastCorrelation: Double
    package let medianCorrelation: Double
    /// In percent; nil where images are all good or all defective.
    package let int8: Double?
    package let float: Double?
    package let pixelAUROC: Both
    package let aupro: Both
    /// Images on which one says OK and the other NG.
    package let changes: Int
    /// Those of them where float32 says NG.
    package let overlooked: Int
    /// Images whose verdict differs at all, UNSURE among them.
    let differences: Int
    /// Of the patches of each tap.
    package let taps: [Tap]

    /// One figure of both, in percent; nil where it cannot be measured.
    package struct Both: Encodable {
        package let int8: Double?
        package let float: Double?

        fileprivate var text: String {
            [int8, float].map { $0.map { decimals($0, 2) } ?? "-" }.joined(separator: " / ")
        }
    }

    package struct Tap: Encodable {
        let name: String
        /// Of the cosines of int8 with float32: the mean and the lowest hundredth.
        package let mean: Double
        package let lowest: Double
        /// The length of what differs in that of all.
        let relative: Double
        /// The mean cosine of the codes that a bank holds with the values that they were made of.
        let coded: Double

        package enum CodingKeys: String, CodingKey {
            case name
            case mean = "cosine_mean"
            case lowest = "cosine_q01"
            case relative = "relative_l2"
            case coded = "cosine_of_codes"
        }
    }

    package enum CodingKeys: String, CodingKey {
        case dataSet = "dataset"
        case draw, seed, images
        case leastCorrelation = "map_pearson_min"
        case medianCorrelation = "map_pearson_median"
        case int8 = "image_auroc_int8"
        case float = "image_auroc_float"
        case pixelAUROC = "pixel_auroc"
        case aupro
        case changes = "verdict_changes"
        case overlooked = "ng_to_ok"
        case differences = "verdict_differences"
        case taps
    }

    /// - Parameters:
    ///   - result: what `run` came to.
    ///   - exact: what came of the same images by float32.
    /// - Precondition: `run` scored its images with `pair`.
    init(_ run: DetectionRun, _ pair: ComparedMethod, _ result: DetectionResult, exact: DetectionResult) {
        precondition(run.images.count == pair.images.count, "\(pair.images.count) images compared")
        dataSet = run.split.references.first?.dataSet ?? ""
        (draw, seed, images) = (run.draw, run.seed, run.images.count)
        let correlations = pair.images.map(\.correlation).sorted()
        leastCorrelation = correlations.first ?? 1
        medianCorrelation = correlations.isEmpty ? 1 : correlations[correlations.count / 2]
        (int8, float) = (result.percent[.imageAUROC], exact.percent[.imageAUROC])
        pixelAUROC = Both(int8: result.percent[.pixelAUROC], float: exact.percent[.pixelAUROC])
        aupro = Both(int8: result.percent[.aupro], float: exact.percent[.aupro])
        let limits = pair.limits
        let verdicts = pair.images.map { (limits[0].verdict($0.int8), limits[1].verdict($0.float)) }
        differences = verdicts.count { $0 != $1 }
        changes = verdicts.count { $0 != $1 && $0 != .unsure && $1 != .unsure }
        overlooked = verdicts.count { $0 == .ok && $1 == .ng }
        taps = (pair.images.first?.taps ?? []).indices.map { index in Tap(pair.images.map { $0.taps[index] })
        }
    }

    /// Tables of all runs: verdicts and maps, then patches.
    static func text(_ figures: [FloatFigures]) -> String {
        verdicts(figures) + "\n\n" + patches(figures)
    }

    private static func patches(_ figures: [FloatFigures]) -> String {
        table(
            [["cosine of patches, int8 and float32", "tap", "mean", "lowest 1 %", "relative L2", "of codes"]]
                + figures.flatMap { run in
                    run.taps.map {
                        [
                            "\(run.dataSet) draw \(run.draw), seed \(run.seed)", $0.name,
                            decimals($0.mean, 4), decimals($0.lowest, 4), decimals($0.relative, 3),
                            decimals($0.coded, 5),
                        ]
                    }
                })
    }

    private static func verdicts(_ figures: [FloatFigures]) -> String {
        let title = [
            "int8 / float32", "images", "image AUROC", "pixel AUROC", "AUPRO", "map Pearson min", "median",
            "OK - NG", "NG to OK", "any verdict",
        ]
        return table(
            [title]
                + figures.map {
                    [
                        "\($0.dataSet) draw \($0.draw), seed \($0.seed)", "\($0.images)",
                        Both(int8: $0.int8, float: $0.float).text, $0.pixelAUROC.text, $0.aupro.text,
                        decimals($0.leastCorrelation, 4), decimals($0.medianCorrelation, 4), "\($0.changes)",
                        "\($0.overlooked)", "\($0.differences)",
                    ]
                })
    }
}

extension FloatFigures.Tap {
    /// - Precondition: there is an image.
    init(_ images: [TapAgreement]) {
        let cosines = images.flatMap(\.cosines).sorted()
        name = images[0].name
        mean = cosines.reduce(0) { $0 + Double($1) } / Double(max(cosines.count, 1))
        lowest = cosines.isEmpty ? 1 : Double(cosines[cosines.count / 100])
        coded = images.reduce(0) { $0 + $1.coded } / Double(images.count)
        relative = (images.reduce(0) { $0 + $1.error } / images.reduce(1e-30) { $0 + $1.square }).squareRoot()
    }
}
