import Testing

/// Holds Package.swift against the rows of the house.
struct RowTests {
    @Test(
        "every target depends on lower rows only, and no closed way is taken",
        .enabled(
            if: PackageDescription.path != nil,
            "LINEWATCH_PACKAGE_DESCRIPTION is not set; Packaging/test sets it"
        )
    )
    func rowsAreKept() throws {
        let package = try PackageDescription.ofThisPackage()
        #expect(package.targets.contains { $0.name == "linewatch" })
        #expect(Rows.linewatch.violations(in: package) == [])
    }

    @Test(
        "a target imports only modules that it declares as dependencies",
        .enabled(
            if: PackageDescription.path != nil,
            "LINEWATCH_PACKAGE_DESCRIPTION is not set; Packaging/test sets it"
        )
    )
    func importsAreDeclared() throws {
        let package = try PackageDescription.ofThisPackage()
        let names = Set(package.targets.map(\.name))
        for target in package.targets where target.type != "test" {
            for file in SourceFile.all(under: "Sources/\(target.name)") where file.isSwift {
                let undeclared = file.imports.intersection(names).subtracting(target.dependencies)
                #expect(undeclared == [], "\(file.path) imports what '\(target.name)' does not declare")
            }
        }
    }

    @Test("no target has two rows")
    func rowsAreDistinct() {
        let names = Rows.linewatch.targets.flatMap { $0 }
        #expect(names.count == Set(names).count)
    }
}

/// Shows that the rules catch what they are there for.
struct ForgedEdgeTests {
    private let rows = Rows(
        targets: [["Ground"], ["West", "East"], ["Roof"]],
        closedWays: [("Roof", "Ground", "this is a test")]
    )

    @Test("downward edges are accepted")
    func downward() {
        let package = PackageDescription(targets: [
            .init("Ground"), .init("West", dependencies: ["Ground"]), .init("East"),
            .init("Roof", dependencies: ["East"]),
            .init("RoofTests", type: "test", dependencies: ["Roof", "Ground"]),
        ])
        #expect(rows.violations(in: package) == [])
    }

    @Test("a forged upward edge is caught")
    func upward() {
        let package = PackageDescription(targets: [.init("Ground", dependencies: ["Roof"]), .init("Roof")])
        #expect(rows.violations(in: package) == ["'Ground' (row 0) depends up on 'Roof' (row 2)."])
    }

    @Test("a forged sideways edge is caught")
    func sideways() {
        let package = PackageDescription(targets: [.init("West", dependencies: ["East"]), .init("East")])
        #expect(rows.violations(in: package) == ["'West' (row 1) depends sideways on 'East' (row 1)."])
    }

    @Test("a target without a row is caught, and an edge to it")
    func withoutRow() {
        let package = PackageDescription(targets: [.init("Shed"), .init("Roof", dependencies: ["Shed"])])
        #expect(
            rows.violations(in: package) == [
                "'Shed' has no row. Give it one in Tests/ArchitectureTests/Rows.swift.",
                "'Roof' depends on 'Shed', which has no row.",
            ])
    }

    @Test("a closed way is caught when it leads through another target")
    func closedWay() {
        let package = PackageDescription(targets: [
            .init("Ground"), .init("West", dependencies: ["Ground"]), .init("Roof", dependencies: ["West"]),
        ])
        #expect(rows.violations(in: package) == ["'Roof' reaches 'Ground', but this is a test."])
    }
}
