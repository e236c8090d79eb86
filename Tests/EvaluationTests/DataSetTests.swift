import Evaluation
import Foundation
import Platform
import Testing

@Suite("data sets as their manifest lists them")
struct DataSetTests {
    static let header = "path,dataset,split,label,defect_type,mask_path,width,height,sha256,group\n"

    @Test("a draw is a fixed sequence that begins with the documented images")
    func draws() throws {
        let names = (1...4).flatMap { item in (0..<8).map { "kos0\(item)_part\($0)" } }
        let lines = names.map { "k/\($0).jpg,kolektorsdd,reference,good,good,,1,1,,\n" }.joined()
        let test = "k/t.jpg,kolektorsdd,test,defective,crack,k/m.png,1,1,,\n"
        let split = try FewShotSplit(manifest(lines + test), dataSet: "kolektorsdd")
        let four = try split.draw(0, count: 4)
        #expect(try split.draw(0, count: 4) == four)
        #expect(try split.draw(0, count: 2).references == Array(four.references.prefix(2)))
        #expect(try split.draw(1, count: 4).references != four.references)
        #expect(four.scored.map(\.path) == ["k/t.jpg"])
        #expect(Set(four.references.map(\.path)).count == 4)
    }

    @Test(
        "draw 0 of KolektorSDD begins with the images that the method's description names",
        .enabled(if: Self.sharedManifest != nil, "needs the inspection images: set LINEWATCH_SHARED"))
    func knownDraw() throws {
        let path = try #require(Self.sharedManifest)
        let manifest = try DataSetManifest(csv: Array(Data(contentsOf: URL(filePath: path))), path: path)
        let draw = try FewShotSplit(manifest, dataSet: "kolektorsdd").draw(0, count: 4)
        let names = ["kos40_part7", "kos40_part3", "kos06_part3", "kos24_part6"]
        #expect(draw.references.map(\.path) == names.map { "kolektorsdd/train/good/\($0).jpg" })
        #expect(draw.scored.count == 178)
    }

    static let sharedManifest: String? = {
        let beside = URL(filePath: #filePath).appending(path: "../../../../shared").standardized.path
        let shared = ProcessInfo.processInfo.environment["LINEWATCH_SHARED"] ?? beside
        let path = shared + "/data/MANIFEST.csv"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    @Test("what is near a reference is not scored in a set without a test part, and said to be left out")
    func groups() throws {
        let split = try FewShotSplit(
            manifest(
                """
                m/a.jpg,m,train,good,good,,1,1,aa,g1
                m/b.jpg,m,train,defective,x,m/mb.png,1,1,bb,g1
                m/c.jpg,m,val,good,good,,1,1,aa,g2
                m/d.jpg,m,val,defective,x,,1,1,dd,
                m/e.jpg,n,val,defective,x,,1,1,ee,
                """), dataSet: "m")
        #expect(split.candidates.map(\.path) == ["m/a.jpg"])
        let draw = try split.draw(0, count: 1)
        #expect(draw.scored.map(\.path) == ["m/d.jpg"])
        #expect(draw.sameGroup == ["m/b.jpg"])
        #expect(draw.identical == ["m/c.jpg"])
        #expect(throws: EvaluationError.tooFewReferences(set: "m", asked: 2, candidates: 1)) {
            try split.draw(0, count: 2)
        }
    }

    @Test("a set that the manifest does not know is refused with the names of those it does")
    func unknown() throws {
        let known = try manifest("m/a.jpg,m,train,good,good,,1,1,,\n")
        #expect(throws: EvaluationError.unknownSet(name: "n", known: ["m"])) {
            try FewShotSplit(known, dataSet: "n")
        }
    }

    @Test(
        "a line that cannot be read is refused with its number",
        arguments: [
            "a.jpg,m,train,good", "a.jpg,m,spare,good,,,1,1,,", "a.jpg,m,train,fine,,,1,1,,",
            "/a.jpg,m,train,good,,,1,1,,", "x/../../a.jpg,m,train,good,,,1,1,,", ",m,train,good,,,1,1,,",
            "a.jpg,m,train,defective,x,../m.png,1,1,,", "\"a.jpg,m,train,good,,,1,1,,",
        ])
    func refused(line: String) {
        let error = #expect(throws: EvaluationError.self) {
            try manifest("b.jpg,m,train,good,,,1,1,,\n" + line + "\n")
        }
        #expect(error?.description.contains("line 3") == true)
    }

    @Test("quoted fields may hold commas and quotes, and missing columns count as empty")
    func quotes() throws {
        let text = "split,label,path,dataset\ntrain,good,\"a,\"\"1\"\".jpg\",m\n"
        let row = try #require(DataSetManifest(csv: Array(text.utf8), path: "M").rows.first)
        #expect(row.path == "a,\"1\".jpg")
        #expect(row.group.isEmpty && row.sha256.isEmpty && row.maskPath == nil)
    }

    @Test("any change of a manifest's bytes is read or refused, never trapped on")
    func fuzz() {
        let text =
            Self.header + "m/a.jpg,m,train,good,good,,1,1,aa,g1\n\"m/b.jpg\",m,val,defective,x,,2,2,,\n"
        var random = SplitMix64(seed: 0x5EED)
        for _ in 0..<4000 {
            var bytes = Array(text.utf8)
            for _ in 0...random.next() % 4 where bytes.count > 1 {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: place)
                case 2: bytes.insert([0x22, 0x2C, 0x0A, 0x2E, 0x2F, 0xFF][Int(random.next() % 6)], at: place)
                default: bytes = Array(bytes.prefix(max(place, 1)))
                }
            }
            if let manifest = try? DataSetManifest(csv: bytes, path: "M") {
                for set in manifest.dataSets {
                    _ = try? FewShotSplit(manifest, dataSet: set).draw(0, count: 1)
                }
            }
        }
    }

    private func manifest(_ lines: String) throws -> DataSetManifest {
        try DataSetManifest(csv: Array((Self.header + lines).utf8), path: "MANIFEST.csv")
    }
}
