/// An engraver's alphabet: each letter is a few straight strokes on a grid of 5 x 7 points.
enum Lettering {
    /// Points as pairs of digits, x then y from the top left; a space lifts the pen.
    private static func glyph(_ letter: Character) -> String {
        switch letter {
        case "A": "0602204246 0444"
        case "B": "0006 003041423303 3344453606"
        case "C": "4130100105163645"
        case "D": "00062644422000"
        case "E": "40000646 0333"
        case "F": "400006 0333"
        case "G": "41301001051636454323"
        case "H": "0006 4046 0343"
        case "I": "1030 2026 1636"
        case "J": "404536160504"
        case "K": "0006 4003 0346"
        case "L": "000646"
        case "M": "0600234046"
        case "N": "06004640"
        case "O": "103041453616050110"
        case "P": "06003041423303"
        case "Q": "103041453616050110 2446"
        case "R": "06003041423303 2346"
        case "S": "413010010213334445361605"
        case "T": "0040 2026"
        case "U": "000516364540"
        case "V": "002640"
        case "W": "0016233640"
        case "X": "0046 4006"
        case "Y": "002340 2326"
        case "Z": "00400646"
        case "0": "103041453616050110 0541"
        case "1": "112026 1636"
        case "2": "01103041420646"
        case "3": "0110304142334445361605 2333"
        case "4": "36300444"
        case "5": "400003334445361605"
        case "6": "30100105163645443303"
        case "7": "004016"
        case "8": "103041423313020110 133344453616050413"
        case "9": "43130201103041453616"
        case "-": "0343"
        default: ""
        }
    }

    /// The strokes of `text` in letters `size` pixels high, the top left corner at `origin`; `turned` writes
    /// downwards.
    static func strokes(of text: String, at origin: SIMD2<Float>, size: Float, turned: Bool = false)
        -> [Stroke]
    {
        let unit = size / 6
        var strokes: [Stroke] = []
        for (column, letter) in text.enumerated() {
            for line in glyph(letter).split(separator: " ") {
                let digits = line.utf8.map { Float($0) - 48 }
                let points = stride(from: 0, to: digits.count - 1, by: 2).map { index in
                    let point = SIMD2(digits[index] + 6 * Float(column), digits[index + 1]) * unit
                    return origin + (turned ? SIMD2(-point.y, point.x) : point)
                }
                for (start, end) in zip(points, points.dropFirst()) {
                    strokes.append(Stroke(start: start, end: end))
                }
            }
        }
        return strokes
    }

    /// How long `text` is, in letters `size` pixels high.
    static func width(of text: String, size: Float) -> Float { (6 * Float(text.count) - 2) * size / 6 }

    /// A number such as parts carry: letters, a dash, digits.
    static func number(_ random: inout Random) -> String {
        let letters = Array("ABCDEFGHKLMNPRSTVX")
        var text = ""
        for _ in 0..<2 { text.append(letters[random.index(below: letters.count)]) }
        text.append("-")
        for _ in 0..<4 { text.append(Character("\(random.index(below: 10))")) }
        return text
    }
}
