/// Sentences to calibrate and compare text encoders with: what is said of parts and their faults, and of
/// other things.
package enum SampleSentences {
    private static let subjects = [
        "metal nut", "printed circuit board", "casting", "glass bottle", "leather seat", "wooden board",
        "steel strip",
        "ceramic tile", "plastic cap", "cable", "gear wheel", "textile", "rubber seal", "solder joint",
        "bearing ring",
        "aluminium profile", "tablet in its blister", "welded seam", "painted car door", "toothbrush",
    ]
    private static let states = [
        "without any defect", "with a long scratch", "with a broken corner", "that is slightly bent",
        "with a dark stain near the edge", "in perfect condition", "with a missing hole", "covered in dust",
        "with small pores on its surface", "whose colour has faded", "with a crack across the middle",
        "that is fine",
    ]
    private static let frames = [
        "a photo of a # @", "a close-up picture of the # @", "this # @ was found on the line",
        "the camera shows one # @.", "There are 3 parts, each a # @!", "#: @", "Is it a # @?",
    ]
    private static let others = [
        "The cat sleeps on the warm roof.", "Tomorrow it will rain in the north, said the man on the radio.",
        "He plays the violin better than I do", "A recipe for tomato soup with basil and cream",
        "How many people live in this city?", "Interest rates were raised by 0.25 % in March.",
        "two children are running along the beach",
        "Please close the door behind you when you leave the room.",
    ]

    /// Sentence `index` of an endless row; neighbours differ in every part.
    package static func sentence(_ index: Int) -> String {
        if index % 8 == 7 { return others[index / 8 % others.count] }
        let subject = subjects[index * 7 % subjects.count]
        let state = states[(index * 5 + index / subjects.count) % states.count]
        var text = ""
        for letter in frames[index % frames.count] {
            switch letter {
            case "#": text += subject
            case "@": text += state
            default: text.append(letter)
            }
        }
        return text
    }
}
