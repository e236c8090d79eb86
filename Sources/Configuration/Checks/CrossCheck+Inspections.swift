/// One inspection.
extension CrossCheck {
    mutating func check(_ inspection: InspectionSettings, _ node: Node) {
        checkCamera(inspection, node)
        refuseRepeats("class_name", inspection.className, node)
        refuseRepeats("good_words", inspection.goodWords, node)
        refuseRepeats("bad_words", inspection.badWords, node)
        let debounce = inspection.debounce
        if debounce.n > debounce.of {
            error(
                node["debounce"] ?? node, "n",
                "\"n\" in debounce of [[inspect]] is \(debounce.n), allowed is 1..of, here 1..\(debounce.of)")
        }
        if inspection.mode == .part, debounce != DebounceSettings() {
            error(
                node, "debounce",
                "\"debounce\" in [[inspect]] needs mode \"web\": in mode \"part\" each part has one verdict")
        }
        let threshold = inspection.threshold
        let isGiven = node["threshold"]?["raw"] != nil
        if threshold.mode == .fixed, !isGiven {
            error(
                node, "threshold",
                "\"raw\" in threshold of [[inspect]] is needed for mode \"fixed\" (0..1000000000)")
        }
        if threshold.mode == .okOnly, isGiven {
            warning(
                node["threshold"] ?? node, "raw",
                "\"raw\" in threshold of [[inspect]] has no effect: it is for mode \"fixed\" only")
        }
    }

    /// The second and each later of `words` that says the same as an earlier one: zero-shot inspection refuses it.
    private mutating func refuseRepeats(_ key: String, _ words: [String], _ node: Node) {
        for (index, word) in words.enumerated() {
            let isRepeat = words[..<index].contains { $0.lowercased() == word.lowercased() }
            guard isRepeat, let list = node[key], list.value != .refused else { continue }
            findings.append(
                .error(
                    list[index]?.origin ?? list.origin,
                    "\(quoted(key)) in [[inspect]] has \(quoted(word)) twice. Leave one out"))
        }
    }

    private mutating func checkCamera(_ inspection: InspectionSettings, _ node: Node) {
        guard let cameraNode = node["camera"], cameraNode.value != .refused else { return }
        guard let camera = settings.camera.first(where: { $0.id == inspection.camera }) else {
            // It may be the one whose id was refused.
            let isUncertain = root["camera"]?.list?.contains { $0["id"]?.value == .refused } ?? true
            guard !isUncertain || root["camera"] == nil else { return }
            let ids = settings.camera.map { "\($0.id)" }.joined(separator: ", ")
            error(
                node, "camera",
                "\"camera\" in [[inspect]] is \(inspection.camera), but no [[camera]] has that id"
                    + (ids.isEmpty ? "" : " (there are \(ids))"))
            return
        }
        let names = camera.roi.map(\.name)
        for (index, name) in inspection.roi.enumerated() where !names.contains(name) {
            findings.append(
                .error(
                    node["roi"]?[index]?.origin ?? node.origin,
                    "\"roi\" in [[inspect]] names \(quoted(name)), but camera \(camera.id) has no "
                        + "[[camera.roi]] of that name" + Suggestion.clause(for: name, among: names)))
        }
    }
}
