import Testing

@Suite("Kernels on aarch64", .enabled(if: Tool.missing == nil, Comment(rawValue: Tool.missing ?? "")))
struct ArmTests {
    @Test("both NEON tables run under emulation, beside scalar")
    func tables() throws {
        let check = try ArmCheck.shared.get()
        #expect(Set(check.arm.digests.keys) == ["scalar", "neon-dotprod", "neon-i8mm"])
    }

    @Test("every kernel gives scalar's bits on every instruction set of aarch64")
    func matchesScalar() throws {
        let check = try ArmCheck.shared.get()
        #expect(check.arm.differences == [])
    }

    @Test("every kernel gives the same bits on both architectures and all their instruction sets")
    func matchesOtherArchitecture() throws {
        let check = try ArmCheck.shared.get()
        let scalar = try #require(check.native.digests["scalar"])
        #expect(scalar.count > 0)
        for findings in [check.native, check.arm] {
            for (instructions, digests) in findings.digests {
                #expect(digests == scalar, "\(instructions) against scalar of this machine")
            }
        }
    }

    @Test(
        "a CPU gets the best instruction set that it has",
        arguments: [
            ("max", "neon-i8mm"), ("neoverse-n1", "neon-dotprod"), ("cortex-a76", "neon-dotprod"),
            ("cortex-a72", "scalar"),
        ])
    func bestOf(model: String, instructions: String) throws {
        let check = try ArmCheck.shared.get()
        #expect(check.best[model] == instructions)
    }
}
