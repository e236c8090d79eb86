import ArgumentParser
import Testing
import linewatch

struct ModelCommandTests {
    @Test(
        "what the model commands cannot do is refused before anything is opened",
        arguments: [
            ["model", "bench"], ["model", "bench", "minilm", "--frames", "0"],
            ["model", "bench", "minilm", "--threads", "65"],
            ["model", "bench", "minilm", "--input", "large"], ["model", "import"],
            ["model", "import", "a.safetensors", "--activation", "relu"], ["model", "verify"],
            ["model", "list", "all"],
        ])
    func refused(arguments: [String]) {
        #expect(throws: (any Error).self) { try Linewatch.parseAsRoot(arguments) }
    }

    @Test(
        "the model commands take the options that they are documented with",
        arguments: [
            "bench clip-vit-b16 --input 240 --threads 2 --frames 9 --isa avx2 --json --profile",
            "bench x --each-frame --no-cache",
            "import a.safetensors --name n --output d --calibration c --activation quickgelu --vocabulary v --origin o "
                + "--licence MIT --force --replace --json",
            "list --json", "verify minilm --checkpoint a.safetensors --json",
        ])
    func accepted(line: String) throws {
        _ = try Linewatch.parseAsRoot(["model"] + line.split(separator: " ").map(String.init))
    }

    @Test("numbers are rounded to as many decimals as asked for")
    func numbers() {
        #expect(decimals(1.005, 1) == "1.0")
        #expect(decimals(0.99951, 3) == "1.000")
        #expect(decimals(12.05, 3) == "12.050")
        #expect(decimals(-0.26, 1) == "-0.3")
        #expect(decimals(-0.04, 1) == "0.0")
        #expect(decimals(2.5, 0) == "3")
        #expect(decimals(.infinity, 2) == "inf")
    }

    @Test("a table has its first column to the left and all others to the right")
    func columns() {
        #expect(
            table([["name", "MB"], ["a", "12.5"], ["longer", "1"]])
                == "name      MB\na       12.5\nlonger     1")
    }
}
