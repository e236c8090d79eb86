import ArgumentParser
import Testing
import linewatch

struct EvalCommandTests {
    @Test(
        "what cannot be evaluated is refused before anything is opened",
        arguments: [
            "", "--data d --references 0", "--data d --seeds 0", "--data d --eval-size 8",
            "--data d --method guess",
            "--data d --input 0", "--data d --input 256x", "--data d --input a=64,256",
            "--data d --input =64",
            "--data d --smooth -1", "--data d --pro-steps 1", "--data d --views inverted",
            "--data d --every 0",
        ])
    func refused(line: String) {
        #expect(throws: (any Error).self) {
            try Linewatch.parseAsRoot(["eval"] + line.split(separator: " ").map(String.init))
        }
    }

    @Test(
        "eval takes the options that it is documented with",
        arguments: [
            "--data d", "--method patch --data d --set a,b --references 2 --seeds 3 --size 256 --json",
            "--data d --shots 4 --input 320x256,a=160x416 --keep-aspect --eval-size 128 --smooth 2 --pro-steps 200",
            "--data d --views mirrored --model m --isa scalar --every 5",
        ])
    func accepted(line: String) throws {
        _ = try Linewatch.parseAsRoot(["eval"] + line.split(separator: " ").map(String.init))
    }
}
