import FoundationEssentials
import Kernels
import Testing

/// Holds the kernels that run here against what the machine is expected to run.
struct ExpectedInstructionSetTests {
    private static let expected = ProcessInfo.processInfo.environment["LINEWATCH_EXPECTED_ISA"]

    @Test(
        "exactly the expected instruction sets have kernels that run here",
        .enabled(if: expected != nil, "LINEWATCH_EXPECTED_ISA is not set; Packaging/test sets it")
    )
    func nothingStoppedRunning() throws {
        let expected = try #require(Self.expected).split(separator: " ").map(String.init)
        #expect(Set(InstructionSet.available.map(\.name)) == Set(expected))
    }
}
