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
            "--data d --every 0", "--data d --shots 0", "--data d --draws 0", "--data d --bootstrap 5",
            "--data d --report a.txt", "--data d --method kmeans --report a.html",
            "--data d --method kmeans --resume a", "--data d --class-name a=b,c", "--data d --class-name =c",
            "--data d --eval-size big",
            "--data d --method fine --auxiliary guess", "--data d --method adaclip --evidence guess",
            "--data d --method fine-e --auxiliary learned", "--data d --method fine-e --ablation",
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
            "--data d --method kmeans --seeds 2", "--data d --method fine --auxiliary given --seeds 5",
            "--data d --views mirrored --model m --isa scalar --every 5",
            "--data d --draws 3 --class-name screw --eval-size native --strict --report a.html --bootstrap 0",
            "--data d --method adaclip --evidence softmax", "--data d --method fine-e --auxiliary given",
            "--data d --class-name part,kolektorsdd=commutator --resume runs.jsonl",
        ])
    func accepted(line: String) throws {
        _ = try Linewatch.parseAsRoot(["eval"] + line.split(separator: " ").map(String.init))
    }

    @Test("a method that is not there is refused in one line that names those that are")
    func unbuilt() {
        let error = #expect(throws: (any Error).self) {
            try Linewatch.parseAsRoot(["eval", "--data", "d", "--method", "guess"])
        }
        let text = error.map { Linewatch.message(for: $0) } ?? ""
        #expect(text.contains("'guess'") && text.contains("patch") && text.contains("kmeans"), "\(text)")
        #expect(!text.contains("\n"))
    }
}
