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
            ["model", "import", "a.safetensors", "--adaclip", "h.safetensors"],
            ["model", "import", "a.safetensors", "--adaclip", "h", "--vocabulary", "v", "--force"],
            ["model", "fidelity", "score", "m", "a.png"],
            ["model", "fidelity", "score", "m", "a.png", "--class-name", "n", "--switch", "hsf=on"],
            ["model", "fidelity", "score", "m", "a.png", "--class-name", "n", "--threads", "0"],
            ["model", "fidelity", "eval", "m"], ["model", "fidelity", "compare", "m"],
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
            "import a.safetensors --adaclip h --vocabulary v --name n --output o --activation gelu --replace --json",
            "fidelity score m a.png b.png --class-name nut --side 518 --maps d --switch hsf=off --switch dice=image --json",
            "fidelity eval m --data d --set a,b --class-name nut --every 5 --clusters 10 --seed 1 --sigma 0",
            "fidelity compare m recording.safetensors --threads 1",
            "fidelity train c.safetensors --vocabulary v -o h.safetensors --data d --set a --epochs 2 --steps 9 --side 64",
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
