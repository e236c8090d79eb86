// Trains a tiny network with a checkpoint after each step, until it is done or killed.
//
// Usage: scripted-training CHECKPOINT STEPS
//
// Goes on from the checkpoint if there is one. At the end prints the bits of all weights, folded to one number.

import Training
import TrainingFixtures

let network = TinyTransformer()
let trainer = try network.trainer()
let checkpoint = Checkpoint(path: CommandLine.arguments[1], recipe: "scripted")
var random = RandomNumbers(seed: 3, stream: "data")
if checkpoint.exists, let saved = try checkpoint.restore(trainer).first { random = saved }
while trainer.step < Int(CommandLine.arguments[2]) ?? 0 {
    _ = try trainer.takeStep { network.loss($0, &random) }
    try checkpoint.save(trainer, generators: [random])
}
print(network.weights.reduce(0 as UInt64) { $0 &* 0x100_0000_01b3 ^ UInt64($1.bitPattern) })
