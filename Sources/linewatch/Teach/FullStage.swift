import AnomalyModels
import Glibc
import Imaging
import Kernels
import Platform
import Training

/// The full stage of teaching: a segmentation head for each region, trained on synthetic defects of the good parts
/// within a budget of time (METHODS.md 4.5). It yields to the daemon's threads: on threads of its own that take what the
/// others leave, and never on all cores. What comes before and after it keeps the priority that it had.
final class FullStage {
    /// What came of one region.
    struct Outcome: Encodable {
        let region: Int
        /// Whether the head judges; without, the one that it began with did better on practice defects, time was up, or the
        /// input is too large.
        let isKept: Bool
        /// Of practice pictures that were kept back, without and with the head; null where nothing was trained.
        let before: SegmentationTraining.Proof?
        let after: SegmentationTraining.Proof?

        enum CodingKeys: String, CodingKey {
            case region, before, after
            case isKept = "kept"
        }
    }

    private(set) var outcomes: [Outcome] = []
    /// The defects that were practised on, as a contact sheet.
    private(set) var sheet: [UInt8]?
    /// Marked defects among what was practised on, one for each piece of a region that shows it.
    private var missedCount = 0
    private let kernels: KernelTable
    private let seed: UInt64
    private let end: Int
    private let regionCount: Int
    private let shipped: ShippedWeights

    /// A stage for `regionCount` regions that ends after `budget` seconds. `name` decides what is practised.
    /// It goes on from the heads that teaching made of `shipped`.
    init(name: String, regionCount: Int, budget: Int, shipped: ShippedWeights, kernels: KernelTable) {
        (self.kernels, self.regionCount, self.shipped) = (kernels, regionCount, shipped)
        // FNV-1a: the same product practises the same defects every time.
        seed = name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        end = MonotonicClock.now + budget * 1_000_000_000
    }

    /// Pixels of an input above which a head would take more than a gigabyte to train.
    private static let largestInput = 512 * 512

    /// Cores that are left to it.
    private static var threads: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1) }

    /// The budget was used up: on a machine without an idle core, training may get little of it.
    private struct TimeIsUp: Error {}

    /// Throws `TimeIsUp`.
    private func goOn() throws(TimeIsUp) {
        if MonotonicClock.now >= end { throw TimeIsUp() }
    }

    /// Trains the head of region `region` from `start`, or from weights drawn by chance. nil if that did no better, or the
    /// budget was used up before it was done. Blocks, for some tens of seconds.
    func head(
        _ lesson: HeadLesson, _ region: Int, _ start: SegmentationHead?
    ) throws(TeachingError) -> SegmentationHead? {
        guard MonotonicClock.now < end, lesson.tiles[0].size.pixelCount <= Self.largestInput else {
            outcomes.append(.init(region: region, isKept: false, before: nil, after: nil))
            return nil
        }
        missedCount += lesson.missed.count
        let label = regionCount > 1 ? "region \(region + 1) of \(regionCount): " : ""
        do {
            let (result, drawn) = try Self.beside { [self] in
                var bar = ProgressBar()
                defer { bar.finish() }
                let practice = try SegmentationPractice(lesson, seed: seed, kernels: kernels) {
                    try goOn()
                    bar.show(label + "practice defects", $0, of: $1)
                }
                var training = SegmentationTraining()
                (training.seed, training.start, training.shipped) = (seed, start, shipped)
                let result = try training.run(practice, lesson, threads: Self.threads, kernels: kernels) {
                    try goOn()
                    bar.show(label + "training", $0, of: $1)
                }
                return (result, practice.sheet)
            }
            if sheet == nil { sheet = try? drawn.encodedAsPNG() }
            outcomes.append(
                .init(
                    region: region, isKept: result.head != nil, before: result.before, after: result.after))
            return result.head
        } catch is TimeIsUp {
            outcomes.append(.init(region: region, isKept: false, before: nil, after: nil))
            return nil
        } catch let error as ModelError {
            throw .model(error)
        } catch {
            throw .training(reason: "\(error)")
        }
    }

    /// Does `body` on a thread that takes what others leave of the processors, and waits for it.
    private static func beside<Value>(_ body: () throws -> Value) throws -> Value {
        // Written by the thread, and read once it has ended.
        nonisolated(unsafe) var outcome: Result<Value, any Error>?
        try withoutActuallyEscaping(body) { body in
            // The caller waits, so that one thread at a time is in `body`, and none after it has ended.
            nonisolated(unsafe) let body = body
            try HotThread(name: "lw-full-stage", state: 0) { _, _ in
                ProcessorShare.rest.take()
                unsafe outcome = Result { try unsafe body() }
            }.join()
        }
        guard let outcome = unsafe outcome else { preconditionFailure("a thread ended without an outcome") }
        return try outcome.get()
    }

    /// What to say of it.
    var text: String {
        let kept = outcomes.filter(\.isKept)
        guard let first = kept.first, let before = first.before, let after = first.after else {
            let judges = "What was learned without it judges."
            return outcomes.contains { $0.before != nil }
                ? "Full stage: trained on practice defects\(marked), and no better on others. \(judges)"
                : "Full stage: nothing was trained: time was up, or the inputs are above 512 x 512 pixels. \(judges)"
        }
        let count = kept.count == regionCount ? "" : " in \(kept.count) of \(regionCount) regions"
        return
            "Full stage: trained on practice defects\(marked)\(count): \(percent(before.pixels)) % of precision on their "
            + "pixels before, \(percent(after.pixels)) % after."
    }

    private var marked: String { missedCount > 0 ? ", \(missedCount) marked among them" : "" }

    private func percent(_ share: Double?) -> String { share.map { decimals(100 * $0, 1) } ?? "?" }
}
