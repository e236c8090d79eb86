import Events
import Testing

@Test("only OK has no reason, and every reason belongs to the verdict of its range")
func reasonsBelongToVerdicts() {
    for reason in Reason.allCases {
        let expected: Verdict =
            switch reason.rawValue {
            case 0: .ok
            case 1...19: .invalid
            case 20...29: .unsure
            default: .ng
            }
        #expect(reason.verdict == expected)
    }
    #expect(Reason.allCases.filter { $0.verdict == .ok } == [.none])
}
