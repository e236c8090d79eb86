import AnomalyModels
import Testing

@Suite("the words of a class")
struct ClassWordsTests {
    @Test("make the sentences of AdaCLIP's prompts, 28 for well and 20 for not")
    func sentences() throws {
        let words = try ClassWords(names: ["brushed-steel bracket"])
        #expect(words.normalSentences.count == 28 && words.abnormalSentences.count == 20)
        #expect(words.normalSentences[0] == "a bad photo of a brushed steel bracket.")
        #expect(words.abnormalSentences.last == "a cropped photo of the brushed steel bracket with damage.")
    }

    @Test("add a sentence of each template for every word of the operator and every synonym")
    func moreWords() throws {
        let words = try ClassWords(names: ["cap", "lid"], good: ["glossy"], bad: ["scratch", "dent"])
        #expect(words.normalSentences.count == 2 * 32 && words.abnormalSentences.count == 2 * 28)
        #expect(words.normalSentences.contains("a bad photo of the glossy lid."))
        #expect(words.abnormalSentences.contains("a cropped photo of the cap with dent."))
    }

    @Test(
        "are refused with the word and the reason",
        arguments: [
            ([""], [], "empty"), (["  "], [], "empty"), ([], [], "no name"),
            ([String(repeating: "x", count: 65)], [], "65 characters"), (["cap", "Cap"], [], "twice"),
            (["cap"], ["dent", "dent"], "twice"), (["a\u{7}b"], [], "control"),
            ((1...17).map { "part \($0)" }, [], "17 names"),
        ] as [([String], [String], String)])
    func refusals(names: [String], bad: [String], reason: String) {
        let error = #expect(throws: ModelError.self) { try ClassWords(names: names, bad: bad) }
        #expect(error.map { "\($0)".contains(reason) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test("may be of any script")
    func scripts() throws {
        for name in ["Lötstelle", "деталь", "磁砖"] {
            #expect(try ClassWords(names: [name]).normalSentences[0].contains(name))
        }
    }
}
