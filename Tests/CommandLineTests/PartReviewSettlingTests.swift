import Imaging
import Inspection
import Testing
import linewatch

@Suite("who decides on parts that something speaks against")
struct PartReviewSettlingTests {
    private static let doubtful = PartReview(objections: [
        .same(part: 2, as: 1),
        .defective(part: 3, score: 1.25, limit: 0.967, at: Region(x: 8, y: 16, width: 30, height: 40)),
    ])

    @Test("nobody is asked where nothing speaks against them")
    func nothing() throws {
        for decision in [PartReview.Decision.force, .ask, .refuse] {
            try PartReview(objections: []).settle(by: decision) { nil }
        }
    }

    @Test("without a terminal one line says all, and what to do")
    func refused() throws {
        let error = #expect(throws: CommandFailure.self) { try Self.doubtful.settle(by: .refuse) { "y" } }
        let text = try #require(error).description
        #expect(text.contains("Part 2 shows what part 1 shows"))
        #expect(text.contains("at 30x40+8+16: score 1.250, NG above 0.967") && text.contains("--force"))
        #expect(!text.contains("\n"))
    }

    @Test("--force takes them")
    func forced() throws { try Self.doubtful.settle(by: .force) { nil } }

    @Test("at a terminal each is asked for, and anything but yes is no")
    func asked() throws {
        var answers = ["y", "Yes"]
        try Self.doubtful.settle(by: .ask) { answers.removeFirst() }
        for answer in ["n", "", nil] {
            var said = ["y", answer]
            #expect(throws: CommandFailure.self) {
                try Self.doubtful.settle(by: .ask) { said.removeFirst() }
            }
        }
    }

    @Test("one that is there twice is refused, whoever insists")
    func twice() {
        let review = PartReview(objections: [.same(part: 2, as: 1), .identical(part: 3, to: 1)])
        for decision in [PartReview.Decision.force, .ask, .refuse] {
            #expect(throws: CommandFailure.self) { try review.settle(by: decision) { "y" } }
        }
    }
}
